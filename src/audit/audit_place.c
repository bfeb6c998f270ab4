#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit_private.h"
#include "audit/coverage.h"

int audit_place(struct audit *a, size_t source, struct audit_part *part)
{
	struct audit_source *s = &a->sources[source];
	struct audit_part *sum = &s->sum;
	bool is_first = sum->coverage.items == 0, is_empty = part->coverage.items == 0;
	int code = findings_merge_part(a->findings, (uint32_t)source, sum->coverage.items,
	                               part->findings);
	coverage_add(&sum->coverage, &part->coverage);
	if (!sum->coverage.example.size && part->coverage.example.size) {
		memcpy(sum->example, part->example, sizeof(sum->example));
		sum->coverage.example = view_text(sum->example);
	}
	/* what a part alone has is none of the whole */
	if (is_first && !sum->coverage.problem.size)
		sum->coverage.problem = part->coverage.problem;
	else if (!is_empty && !part->coverage.problem.size)
		sum->coverage.problem = (struct view){0};
	if (part->hole_bytes && !sum->hole_bytes)
		sum->hole_at = part->hole_at;
	sum->hole_bytes += part->hole_bytes;
	sum->is_cut |= part->is_cut;
	s->is_mixed |= part->columns[1].is_mixed || part->columns[1].has_others;
	if (sum->code == OK)
		sum->code = part->code;
	return code;
}

/* Whether it was read by other columns than those that are in force where it begins. */
static bool is_misread(const struct audit_source *s, const struct audit_part *p)
{
	const struct log_columns *read_by = &p->columns[0];
	return read_by->is_known && s->columns->is_known && !log_columns_equal(read_by, s->columns);
}

static void discard(struct audit *a, struct audit_part *p)
{
	atomic_fetch_sub_explicit(&a->bytes, p->coverage.bytes, memory_order_relaxed);
	audit_part_free(p);
}

static int place_next(struct audit *a, size_t source, struct audit_part *p)
{
	struct audit_source *s = &a->sources[source];
	int code = audit_place(a, source, p);
	/* none: no line begins in it, or its format has no columns */
	if (p->columns[1].is_known)
		*s->columns = p->columns[1];
	s->parts_placed++;
	audit_part_free(p);
	return code;
}

int audit_place_parts(struct audit *a, size_t source)
{
	struct audit_source *s = &a->sources[source];
	int code = OK;
	for (struct audit_part **p; code == OK && s->parts_placed < s->parts_taken &&
	                            *(p = &s->ahead[s->parts_placed % AUDIT_AHEAD]);) {
		s->is_read_again = is_misread(s, *p);
		if (s->is_read_again) {
			discard(a, take_ptr(*p));
			break;
		}
		code = place_next(a, source, take_ptr(*p));
	}
	return code;
}

/* Why it was not read, or not wholly; "" when it was. */
static const char *say_problem(const struct audit_source *s, char *text, size_t size)
{
	const struct audit_part *sum = &s->sum;
	text[0] = '\0';
	if (sum->code == ERR_VERSION && !s->format)
		(void)snprintf(text, size, "no known format is recognised");
	else if (sum->code == ERR_TRUNCATED)
		(void)snprintf(text, size, "it ends within a compressed or framed part");
	else if (sum->code == ERR_MALFORMED && (!s->format || s->format->is_lines))
		(void)snprintf(text, size,
		               "what is compressed is damaged, or something else follows it");
	else if (sum->code == ERR_MISSING)
		(void)snprintf(text, size, "the library that expands it is not installed");
	else if (sum->code == ERR_LIMIT)
		(void)snprintf(text, size,
		               "expanding it needs more memory, or gives more, than is allowed");
	else if (sum->code == -ESTALE)
		(void)snprintf(text, size, "it has changed since a part of it was read");
	else if (sum->code < 0)
		(void)snprintf(text, size, "%s", err_text(sum->code));
	else if (sum->is_cut)
		(void)snprintf(text, size, "it became shorter while it was read");
	else if (sum->hole_bytes)
		(void)snprintf(
			text, size, "%llu bytes from byte %llu on were never written (a hole): %s",
			(unsigned long long)sum->hole_bytes, (unsigned long long)sum->hole_at,
			s->format && s->format->is_lines ? "they were skipped"
							 : "reading ended there");
	return text;
}

/* "zeek gz" of "zeek-dns gz", "zeek-json gz" of "zeek-dns-json gz": it is none of the kinds alone. */
static void name_mixed(struct audit_source *s)
{
	char name[sizeof(s->format_name)];
	struct view rest = view_text(s->format_name);
	(void)view_split(&rest, ' ');
	(void)snprintf(name, sizeof(name), "%s%s" VIEW_FMT, s->format->mixed, rest.size ? " " : "",
	               VIEW_ARG(rest));
	memcpy(s->format_name, name, sizeof(name));
}

int audit_close_source(struct audit *a, size_t source)
{
	struct audit_source *s = &a->sources[source];
	struct findings_source *c = &s->sum.coverage;
	char problem[256];
	bool is_whole = s->sum.code == OK && !s->sum.is_cut && !s->sum.hole_bytes;
	if (s->is_mixed && s->format && s->format->mixed)
		name_mixed(s);
	c->name = view_text(s->path);
	c->format = view_text(s->format ? s->format_name : "");
	if (!c->problem.size)
		c->problem = view_text(say_problem(s, problem, sizeof(problem)));
	if (s->digest) {
		uint8_t sha256[DIGEST_SIZE];
		struct digest *digest = take_ptr(s->digest);
		(void)pthread_mutex_unlock(&a->mutex);
		bool is_there = digest_end(digest, is_whole, sha256);
		(void)pthread_mutex_lock(&a->mutex);
		c->has_sha256 = is_there;
		if (is_there)
			memcpy(c->sha256, sha256, sizeof(sha256));
	}
	source_file_close(&s->file);
	free(take_ptr(s->first));
	free(take_ptr(s->columns));
	int code = findings_set_source(a->findings, (uint32_t)source, c);
	/* the state is written from it: of texts that last, which `problem` above does not */
	*c = *findings_source_at(a->findings, (uint32_t)source);
	s->state = AUDIT_DONE;
	a->done_count++;
	return code;
}
