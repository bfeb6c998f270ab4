#include "audit/log_names.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/coverage.h"
#include "audit/lines.h"

enum { PROBE_LINES = 20, SURE = 5 };

struct log_names {
	const struct audit_context *context;
	struct audit_lines lines;
	struct buffer line; /* a copy: of a mapped file others may change the bytes meanwhile */
};

static bool says_nothing(struct view line)
{
	return line.size == 0 || line.bytes[0] == '#';
}

/* A name of at least two labels, without what a host name cannot have. */
static bool looks_like_name(struct view line)
{
	bool has_dot = false;
	for (size_t i = 0; i < line.size; i++) {
		uint8_t c = line.bytes[i];
		if (c <= ' ' || strchr("\"'(),/;<=>@[]{|}\\\x7f", c))
			return false;
		has_dot |= c == '.' || c == ':';
	}
	return has_dot && line.size <= DNAME_TEXT_SIZE;
}

int log_names_probe(struct view first)
{
	int names = 0;
	for (int i = 0; i < PROBE_LINES && first.size; i++) {
		bool is_whole = memchr(first.bytes, '\n', first.size);
		struct view line = view_trim(view_split(&first, '\n'));
		if (says_nothing(line))
			continue;
		if (!looks_like_name(line) && (is_whole || names == 0))
			return 0;
		names++;
	}
	return names ? SURE : 0;
}

int log_names_open(const struct audit_context *context, struct view first, void **ret)
{
	(void)first;
	struct log_names *r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->context = context;
	r->line = (struct buffer){0};
	audit_lines_init(&r->lines, context);
	*ret = r;
	return OK;
}

static int judge(const struct audit_context *c, const struct facts *facts, struct view what)
{
	struct sighting s = {.first_us = TIME_MIN,
	                     .last_us = TIME_MIN,
	                     .count = 1,
	                     .place = NONE,
	                     .what = what,
	                     .destination = facts->destination,
	                     .source = c->source,
	                     .at = c->coverage->items};
	policy_decide(c->policy, facts, &s.verdict);
	return s.verdict.identifier == NONE ? OK : findings_add(c->findings, &s);
}

static int read_line(struct log_names *r, struct view shared)
{
	const struct audit_context *c = r->context;
	struct dname name;
	struct facts facts = {.at_us = c->now_us, .place = NONE};
	r->line.size = 0;
	buffer_add_view(&r->line, shared);
	if (r->line.failed)
		return -ENOMEM;
	c->coverage->items++;
	struct view line = view_trim(buffer_view(&r->line));
	if (says_nothing(line))
		return OK;
	if (address_parse(line, &facts.destination) < 0) {
		if (dname_parse_text(line, &name) < 0) {
			coverage_not_understood(c, line);
			return OK;
		}
		facts.name = &name;
	}
	return judge(c, &facts, line);
}

int log_names_read(void *reader, struct view block)
{
	struct log_names *r = reader;
	for (struct view run; (run = audit_lines_next(&r->lines, &block)).size;) {
		while (run.size) {
			int code = read_line(r, view_split(&run, '\n'));
			if (code < 0)
				return code;
		}
	}
	return r->lines.carried.failed ? -ENOMEM : OK;
}

int log_names_finish(void *reader)
{
	struct log_names *r = reader;
	struct view line = audit_lines_last(&r->lines);
	return line.size ? read_line(r, line) : OK;
}

void log_names_close(void *reader)
{
	struct log_names *r = reader;
	if (!r)
		return;
	audit_lines_done(&r->lines);
	buffer_done(&r->line);
	free(r);
}
