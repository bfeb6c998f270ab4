/* The state of a run that may be interrupted: what is read, how far, and what was found there.
 *
 * One file, replaced whole: magic, version of the policy, size of parts, sources, findings, XXH3 of all before. Numbers are
 * big-endian, texts have a length of four bytes before them. A source that was not read to its end, and no part of it, is
 * not in it: it is read again from its begin. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit_private.h"
#include "base/hash.h"
#include "base/reader.h"
#include "source/file.h"

enum { CHECKSUM_SIZE = 8, STATE_MODE = 0600 };

static void put(struct buffer *b, uint64_t number, size_t size)
{
	uint8_t *at = buffer_space(b, size);
	for (size_t i = size; at && i > 0; i--, number >>= 8)
		at[i - 1] = (uint8_t)number;
}

static void put_text(struct buffer *b, struct view text)
{
	put(b, text.size, 4);
	buffer_add_view(b, text);
}

static void put_address(struct buffer *b, const struct address *a)
{
	put_text(b, view_of(a->bytes, a->size));
}

static void put_columns(struct buffer *b, const struct log_columns *c)
{
	put(b, c->is_known, 1);
	put_text(b, view_of(c->fields, c->count));
	put(b, c->kind, 1);
	put(b, c->first_kind, 1);
	put(b, c->is_mixed, 1);
	put(b, c->in_summary, 1);
	put(b, c->separator, 1);
	put_text(b, view_of(c->mark, c->mark_size));
}

static void put_source(struct buffer *b, uint32_t number, const struct audit_source *s)
{
	static const struct log_columns none = {0};
	const struct findings_source *c = &s->sum.coverage;
	put(b, number, 4);
	put_text(b, view_text(s->path));
	put(b, s->state == AUDIT_DONE, 1);
	put(b, s->file.device, 8);
	put(b, s->file.inode, 8);
	put(b, s->file.size, 8);
	put(b, (uint64_t)s->file.modified_ns, 8);
	put(b, s->parts_placed, 8);
	put_text(b, c->format);
	put_text(b, c->has_sha256 ? view_of(c->sha256, sizeof(c->sha256)) : (struct view){0});
	put(b, c->bytes, 8);
	put(b, c->items, 8);
	put(b, c->not_understood, 8);
	put(b, (uint64_t)c->first_us, 8);
	put(b, (uint64_t)c->last_us, 8);
	put_text(b, c->example);
	put_text(b, c->problem);
	put(b, s->sum.hole_bytes, 8);
	put(b, s->sum.hole_at, 8);
	put(b, s->is_mixed, 1);
	put_columns(b, s->columns ? s->columns : &none);
}

static void put_finding(struct buffer *b, const struct finding *x)
{
	put(b, x->identifier, 4);
	put(b, x->rule, 4);
	put(b, x->exemption, 4);
	put(b, (uint64_t)x->action, 1);
	put(b, (uint64_t)x->reason, 1);
	put(b, x->place, 4);
	put_address(b, &x->client);
	put_address(b, &x->destination);
	put_text(b, x->user);
	put_text(b, x->what);
	put_text(b, x->where);
	put(b, (uint64_t)x->proof_us, 8);
	put(b, (uint64_t)x->destination_us, 8);
	put(b, (uint64_t)x->first_us, 8);
	put(b, (uint64_t)x->last_us, 8);
	put(b, x->count, 8);
	put(b, x->bytes_up, 8);
	put(b, x->bytes_down, 8);
	put(b, x->is_indirect, 1);
	put(b, x->source, 4);
	put(b, x->at, 8);
}

static bool is_told(const struct audit_source *s)
{
	/* of what has no part in its place nothing was found yet, and its thread writes to the rest */
	return (s->state == AUDIT_DONE || s->parts_placed) && s->file.inode;
}

/* Of what decides what is found. */
static uint64_t version_of(const struct audit *a)
{
	return policy_version(a->settings.policy) ^ a->settings.format_hash;
}

int audit_state_write(struct audit *a)
{
	struct buffer b = {0};
	uint32_t count = 0;
	buffer_add_text(&b, AUDIT_STATE_MAGIC);
	put(&b, version_of(a), 8);
	put(&b, a->settings.part_size, 8);
	for (size_t i = 0; i < a->source_count; i++)
		count += is_told(&a->sources[i]);
	put(&b, count, 4);
	for (size_t i = 0; i < a->source_count; i++) {
		if (is_told(&a->sources[i]))
			put_source(&b, (uint32_t)i, &a->sources[i]);
	}
	put(&b, findings_dropped(a->findings), 8);
	put(&b, findings_count(a->findings), 4);
	for (size_t i = 0; i < findings_count(a->findings); i++)
		put_finding(&b, findings_at(a->findings, i));
	put(&b, hash_bytes(b.bytes, b.size, 0), CHECKSUM_SIZE);
	int code = b.failed ? -ENOMEM
	                    : file_replace(a->settings.state_path, buffer_view(&b), STATE_MODE);
	buffer_done(&b);
	if (code < 0)
		(void)snprintf(a->problem, sizeof(a->problem), "%s: cannot keep the state: %s",
		               a->settings.state_path, err_text(code));
	return code;
}

static struct view get_text(struct reader *r)
{
	size_t size = read_u32(r);
	return read_view(r, size);
}

static uint64_t get64(struct reader *r)
{
	return read_uint(r, 8);
}

static int refuse(struct audit *a, int code, const char *why, const char *what)
{
	(void)snprintf(a->problem, sizeof(a->problem), "%s: %s%s", a->settings.state_path, why,
	               what);
	return code;
}

/* The number of the source of that name in this run; source_count: there is none. */
static size_t find_source(const struct audit *a, struct view path)
{
	size_t i = 0;
	while (i < a->source_count && !view_is(path, a->sources[i].path))
		i++;
	return i;
}

bool audit_state_holds(const struct audit *a, const struct source_file *then, uint64_t parts,
                       const struct source_file *now)
{
	/* its last part is shorter than the others */
	bool is_at_end = parts && parts * a->settings.part_size >= then->size,
	     is_longer = now->size > then->size && !is_at_end;
	return then->device == now->device && then->inode == now->inode &&
	       (is_longer || (then->size == now->size && then->modified_ns == now->modified_ns));
}

/* What a source was told to be by the earlier run. */
struct told {
	struct view path, format, digest, example;
	bool is_done;
	struct source_file file;
	uint64_t parts;
	struct findings_source coverage;
	uint64_t hole_bytes, hole_at;
	bool is_mixed;
	struct log_columns columns;
};

static struct log_columns get_columns(struct reader *r)
{
	struct log_columns c = {.is_known = read_u8(r)};
	struct view fields = get_text(r);
	c.kind = read_u8(r);
	c.first_kind = read_u8(r);
	c.is_mixed = read_u8(r);
	c.in_summary = read_u8(r);
	c.separator = read_u8(r);
	struct view mark = get_text(r);
	if (fields.size > LOG_COLUMNS_MAX || mark.size > LOG_MARK_MAX) {
		r->failed = true;
		return c;
	}
	c.count = fields.size;
	c.mark_size = mark.size;
	if (fields.size)
		memcpy(c.fields, fields.bytes, fields.size);
	if (mark.size)
		memcpy(c.mark, mark.bytes, mark.size);
	return c;
}

static int get_told(struct reader *r, struct told *ret)
{
	struct told t = {.path = get_text(r), .is_done = read_u8(r)};
	struct findings_source *c = &t.coverage;
	t.file = (struct source_file){.fd = -1, .is_regular = true, .device = get64(r)};
	t.file.inode = get64(r);
	t.file.size = get64(r);
	t.file.modified_ns = (int64_t)get64(r);
	t.parts = get64(r);
	c->format = get_text(r);
	t.digest = get_text(r);
	c->bytes = get64(r);
	c->items = get64(r);
	c->not_understood = get64(r);
	c->first_us = (int64_t)get64(r);
	c->last_us = (int64_t)get64(r);
	t.example = get_text(r);
	c->problem = get_text(r);
	t.hole_bytes = get64(r);
	t.hole_at = get64(r);
	t.is_mixed = read_u8(r);
	t.columns = get_columns(r);
	c->has_sha256 = t.digest.size == DIGEST_SIZE;
	if (c->has_sha256)
		memcpy(c->sha256, t.digest.bytes, DIGEST_SIZE);
	if (r->failed || t.example.size >= FINDING_EXAMPLE_SIZE)
		return ERR_MALFORMED;
	*ret = t;
	return OK;
}

/* Whether it can have been read so far. */
static bool is_possible_source(const struct audit *a, const struct told *t)
{
	uint64_t size = t->file.size, part_size = a->settings.part_size;
	return t->is_done ||
	       (t->parts && size > part_size && t->parts <= (size - 1) / part_size + 1);
}

static int check_told(struct audit *a, const struct told *t, size_t number)
{
	char name[128];
	struct source_file now;
	(void)snprintf(name, sizeof(name), VIEW_FMT, VIEW_ARG(t->path));
	if (number == a->source_count)
		return refuse(a, ERR_INVALID,
		              "it is of a run that read another source, too: ", name);
	const struct audit_source *s = &a->sources[number];
	if (s->state != AUDIT_WAITING || s->parts_placed || !is_possible_source(a, t))
		return ERR_MALFORMED;
	if (source_file_open(s->path, &now) < 0)
		return refuse(a, ERR_INVALID,
		              "a source that was read cannot be read any more: ", name);
	source_file_close(&now);
	if (!audit_state_holds(a, &t->file, t->is_done ? 0 : t->parts, &now))
		return refuse(a, ERR_INVALID, "a source has changed since it was read: ", name);
	return OK;
}

static int take_done(struct audit *a, struct audit_source *s, const struct told *t, uint32_t number)
{
	struct findings_source coverage = t->coverage;
	coverage.name = view_text(s->path);
	coverage.example = t->example;
	int code = findings_set_source(a->findings, number, &coverage);
	if (code < 0)
		return code;
	s->state = AUDIT_DONE;
	s->file = t->file;
	/* the state's own texts end with its buffer */
	s->sum.coverage = *findings_source_at(a->findings, number);
	a->done_count++;
	return OK;
}

/* The state's own texts end with its buffer. */
static void keep_text(char to[static FINDING_EXAMPLE_SIZE], struct view text)
{
	if (text.size)
		memcpy(to, text.bytes, text.size);
}

static int take_parts(struct audit_source *s, const struct told *t)
{
	if (t->coverage.problem.size >= sizeof(s->told_problem))
		return ERR_MALFORMED;
	s->columns = malloc(sizeof(*s->columns));
	if (!s->columns)
		return -ENOMEM;
	*s->columns = t->columns;
	s->is_mixed = t->is_mixed;
	struct findings_source *c = &s->sum.coverage;
	*c = t->coverage;
	c->name = view_text(s->path);
	c->format = (struct view){0};
	keep_text(s->sum.example, t->example);
	keep_text(s->told_problem, t->coverage.problem);
	c->example = view_text(s->sum.example);
	c->problem = view_text(s->told_problem);
	s->sum.hole_bytes = t->hole_bytes;
	s->sum.hole_at = t->hole_at;
	s->file = t->file;
	s->parts_placed = s->parts_taken = t->parts;
	return OK;
}

/* Takes up one source; numbers[] says which it is in this run. */
static int get_source(struct audit *a, struct reader *r, uint32_t *numbers, size_t numbers_count)
{
	struct told t;
	uint32_t then = read_u32(r);
	int code = get_told(r, &t);
	if (code < 0 || then >= numbers_count)
		return ERR_MALFORMED;
	size_t number = find_source(a, t.path);
	code = check_told(a, &t, number);
	if (code < 0)
		return code;
	numbers[then] = (uint32_t)number;
	a->resumed_bytes += t.coverage.bytes;
	atomic_fetch_add(&a->bytes, t.coverage.bytes);
	if (t.is_done)
		return take_done(a, &a->sources[number], &t, (uint32_t)number);
	return take_parts(&a->sources[number], &t);
}

static int get_address(struct reader *r, struct address *ret)
{
	struct view v = get_text(r);
	*ret = address_from_bytes(v.bytes, v.size);
	return ret->size == v.size ? OK : ERR_MALFORMED;
}

static bool is_row(uint32_t index, uint32_t count)
{
	return index == NONE || index < count;
}

static bool is_possible(const struct policy *p, const struct finding *x)
{
	return x->identifier < p->identifier_count && is_row(x->rule, p->rule_count) &&
	       is_row(x->exemption, p->exemption_count) && is_row(x->place, p->place_count) &&
	       x->action <= VERDICT_BLOCK && x->reason < REASON_COUNT;
}

static int get_finding(struct audit *a, struct reader *r, const uint32_t *numbers,
                       size_t numbers_count)
{
	struct finding x = {.identifier = read_u32(r), .rule = read_u32(r)};
	x.exemption = read_u32(r);
	x.action = (enum verdict_action)read_u8(r);
	x.reason = (enum reason)read_u8(r);
	x.place = read_u32(r);
	int code = get_address(r, &x.client);
	if (code == OK)
		code = get_address(r, &x.destination);
	x.user = get_text(r);
	x.what = get_text(r);
	x.where = get_text(r);
	x.proof_us = (int64_t)get64(r);
	x.destination_us = (int64_t)get64(r);
	x.first_us = (int64_t)get64(r);
	x.last_us = (int64_t)get64(r);
	x.count = get64(r);
	x.bytes_up = get64(r);
	x.bytes_down = get64(r);
	x.is_indirect = read_u8(r);
	x.source = read_u32(r);
	x.at = get64(r);
	if (code < 0 || r->failed || !is_possible(a->settings.policy, &x) ||
	    x.source >= numbers_count || numbers[x.source] == NONE)
		return ERR_MALFORMED;
	x.source = numbers[x.source];
	return findings_restore(a->findings, &x);
}

static int get_all(struct audit *a, struct reader *r, uint32_t *numbers, size_t numbers_count)
{
	int code = OK;
	uint32_t count = read_u32(r);
	for (uint32_t i = 0; code == OK && i < count; i++)
		code = get_source(a, r, numbers, numbers_count);
	findings_count_dropped(a->findings, get64(r));
	count = read_u32(r);
	for (uint32_t i = 0; code == OK && i < count; i++)
		code = get_finding(a, r, numbers, numbers_count);
	return code == OK && (r->failed || reader_left(r)) ? ERR_MALFORMED : code;
}

static int get(struct audit *a, struct view state)
{
	struct view magic = view_text(AUDIT_STATE_MAGIC);
	if (!view_starts_with(state, magic) || state.size < magic.size + CHECKSUM_SIZE)
		return refuse(a, ERR_MALFORMED, "it is no state of an audit", "");
	state.size -= CHECKSUM_SIZE;
	struct reader sum = reader_open(state.bytes + state.size, CHECKSUM_SIZE);
	if (get64(&sum) != hash_view(state, 0))
		return refuse(a, ERR_MALFORMED, "it is damaged", "");
	struct reader r = reader_open(state.bytes + magic.size, state.size - magic.size);
	if (get64(&r) != version_of(a))
		return refuse(a, ERR_VERSION, "it is of a run under another policy", "");
	if (get64(&r) != a->settings.part_size)
		return refuse(a, ERR_VERSION, "it is of another version of this program", "");
	uint32_t *numbers = malloc(SOURCE_LIST_MAX * sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	memset(numbers, 0xff, SOURCE_LIST_MAX * sizeof(*numbers)); /* NONE */
	int code = get_all(a, &r, numbers, SOURCE_LIST_MAX);
	free(numbers);
	if (code == ERR_MALFORMED)
		return refuse(a, code, "it is damaged", "");
	return code;
}

int audit_state_read(struct audit *a)
{
	struct buffer b = {0};
	int code = file_read(a->settings.state_path, FILE_SIZE_MAX, &b);
	if (code == OK)
		code = get(a, buffer_view(&b));
	else if (code == -ENOENT || code == ERR_MISSING)
		code = OK;
	else
		code = refuse(a, code, "cannot be read: ", err_text(code));
	buffer_done(&b);
	return code;
}
