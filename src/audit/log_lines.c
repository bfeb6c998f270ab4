/* log_lines.c - reads a log of any kind: only lines that may speak of what the policy lists are taken apart, and
 * the first ones of each part, which tell whether the format is understood at all. */
#include <errno.h>
#include <stdlib.h>

#include "audit/coverage.h"
#include "audit/line_filter.h"
#include "audit/lines.h"
#include "audit/log_judge.h"
#include "audit/log_kind.h"

enum { SAMPLE_LINES = 64, PROBE_LINES = 40, LAST_MAX = 4096 };

struct log_lines {
	const struct log_kind *kind;
	const struct audit_context *context;
	struct audit_lines lines;
	struct line_filter *own_filter;
	struct line_scan *scan;
	unsigned sampled;
	struct buffer
		line; /* what is taken apart: of a mapped file others may change the bytes meanwhile */
	uint8_t last[LAST_MAX]; /* the last whole line: it says until when */
	size_t last_size;
	struct log_state state;
};

uint8_t *log_state_room(struct log_state *state, size_t size)
{
	if (size > sizeof(state->scratch) - state->scratch_used)
		return NULL;
	uint8_t *room = state->scratch + state->scratch_used;
	state->scratch_used += size;
	return room;
}

static struct view without_return(struct view line)
{
	if (line.size && line.bytes[line.size - 1] == '\r')
		line.size--;
	return line;
}

static int parse(const struct log_kind *kind, struct log_state *state, struct view line,
                 struct log_record *ret)
{
	*ret = log_record_none();
	state->scratch_used = 0;
	line = without_return(line);
	if (view_trim(line).size == 0)
		return LOG_SILENT;
	return kind->parse(kind, state, line, ret);
}

static bool says_something(const struct log_record *r)
{
	return r->host.size || r->url.size || r->destination.size;
}

int log_kind_probe(const struct log_kind *kind, struct view first)
{
	struct log_state *state = calloc(1, sizeof(*state));
	int good = 0, bad = 0;
	if (!state)
		return 0;
	state->is_probed = true;
	if (first.size >= 3 && memcmp(first.bytes, "\xef\xbb\xbf", 3) == 0)
		first = view_skip(first, 3);
	for (int i = 0; i < PROBE_LINES && first.size; i++) {
		bool is_whole = memchr(first.bytes, '\n', first.size) || i == 0;
		struct view line = view_split(&first, '\n');
		struct log_record r;
		int code = is_whole ? parse(kind, state, line, &r) : LOG_SILENT;
		good += code == OK && says_something(&r);
		bad += code < 0;
	}
	bool has_columns = state->columns.count || state->columns.path[0];
	free(state);
	if (bad > good / 2 || (good == 0 && !has_columns))
		return 0;
	return good ? kind->sure : kind->sure / 2;
}

/* Headers stand at the begin of the source, wherever this reader's part of it is; unless it is known what came between. */
static void read_headers(struct log_lines *r, struct view first)
{
	struct log_columns *begin = r->context->begin;
	r->state.is_begin = true;
	for (int i = 0; i < PROBE_LINES && first.size; i++) {
		struct log_record record;
		(void)parse(r->kind, &r->state, view_split(&first, '\n'), &record);
	}
	r->state.is_begin = false;
	r->state.columns.is_known = true;
	if (!begin)
		r->state.columns = (struct log_columns){.is_known = true};
	else if (begin->is_known)
		r->state.columns = *begin;
	else
		*begin = r->state.columns;
}

int log_kind_open(const struct log_kind *kind, const struct audit_context *context,
                  struct view first, void **ret)
{
	struct log_lines *r = calloc(1, sizeof(*r));
	const struct line_filter *filter = context->filter;
	if (!r)
		return -ENOMEM;
	r->kind = kind;
	r->context = context;
	audit_lines_init(&r->lines, context);
	int code = filter ? OK : line_filter_new(context->policy, &r->own_filter);
	if (code == OK)
		code = line_scan_new(filter ? filter : r->own_filter, &kind->dialect, &r->scan);
	if (code < 0) {
		log_lines_close(r);
		return code;
	}
	read_headers(r, first);
	*ret = r;
	return OK;
}

static int take(struct log_lines *r, struct view shared)
{
	struct log_record record;
	r->line.size = 0;
	buffer_add_view(&r->line, shared);
	if (r->line.failed)
		return -ENOMEM;
	struct view line = buffer_view(&r->line);
	int code = parse(r->kind, &r->state, line, &record);
	if (code == OK)
		return log_judge(r->context, &record);
	if (code < 0)
		coverage_not_understood(r->context, without_return(line));
	return OK;
}

static int take_next(struct log_lines *r, struct view line)
{
	r->context->coverage->items++;
	return take(r, line);
}

/* Items are counted up to the line, so that it knows its number. */
static int take_hit(struct log_lines *r, uint64_t begin, const struct line_hit *hit)
{
	r->context->coverage->items = begin + hit->before + 1;
	return take(r, hit->line);
}

/* Cuts off the last of whole lines. */
static struct view cut_last(struct view *run)
{
	if (run->size && run->bytes[run->size - 1] == '\n')
		run->size--;
	const uint8_t *feed = run->size ? memrchr(run->bytes, '\n', run->size) : NULL;
	struct view line = feed ? view_skip(*run, (size_t)(feed - run->bytes) + 1) : *run;
	run->size -= line.size;
	return line;
}

static bool is_comment(struct view line)
{
	return line.size && line.bytes[0] == '#';
}

/* Zeek ends with a comment, and headers of further logs may follow: however many there are, so that it does not matter
 * how the source was cut into runs. */
static void keep_last(struct log_lines *r, struct view run)
{
	struct view line = cut_last(&run);
	while (run.size && is_comment(line))
		line = cut_last(&run);
	if (is_comment(line))
		return;
	r->last_size = line.size <= sizeof(r->last) ? line.size : 0;
	if (r->last_size)
		memcpy(r->last, line.bytes, line.size);
}

/* The next of its lines that may be a header, with its line feed; or what is behind all of them. */
static struct view next_header(const struct log_lines *r, struct view run)
{
	const uint8_t *at =
		r->kind->find_header ? r->kind->find_header(r->kind, &r->state.columns, run) : NULL;
	if (!at)
		return view_skip(run, run.size);
	size_t place = (size_t)(at - run.bytes);
	const uint8_t *begin = place ? memrchr(run.bytes, '\n', place) : NULL,
		      *feed = memchr(at, '\n', run.size - place);
	begin = begin ? begin + 1 : run.bytes;
	return view_of(begin, (size_t)((feed ? feed + 1 : run.bytes + run.size) - begin));
}

static int scan_run(struct log_lines *r, struct view run)
{
	struct findings_source *c = r->context->coverage;
	uint64_t begin = c->items;
	if (run.size == 0)
		return OK;
	line_scan_begin(r->scan, run);
	for (struct line_hit hit; line_scan_next(r->scan, &hit);) {
		int code = take_hit(r, begin, &hit);
		if (code < 0)
			return code;
	}
	c->items = begin + line_scan_count(r->scan);
	return OK;
}

static int read_run(struct log_lines *r, struct view run)
{
	keep_last(r, run);
	while (run.size && r->sampled < SAMPLE_LINES) {
		r->sampled++;
		int code = take_next(r, view_split(&run, '\n'));
		if (code < 0)
			return code;
	}
	while (run.size) {
		struct view header = next_header(r, run);
		int code = scan_run(r, view_of(run.bytes, (size_t)(header.bytes - run.bytes)));
		if (code == OK && header.size)
			code = take_next(r, header);
		if (code < 0)
			return code;
		run = view_skip(run, (size_t)(header.bytes - run.bytes) + header.size);
	}
	return OK;
}

int log_lines_read(void *reader, struct view block)
{
	struct log_lines *r = reader;
	for (struct view run; (run = audit_lines_next(&r->lines, &block)).size;) {
		int code = read_run(r, run);
		if (code < 0)
			return code;
	}
	return r->lines.carried.failed ? -ENOMEM : OK;
}

int log_lines_finish(void *reader)
{
	struct log_lines *r = reader;
	struct log_record record;
	struct view line = audit_lines_last(&r->lines);
	int code = line.size ? read_run(r, line) : OK;
	if (r->context->end)
		*r->context->end = r->state.columns;
	if (code == OK && r->last_size &&
	    parse(r->kind, &r->state, view_of(r->last, r->last_size), &record) == OK)
		coverage_time(r->context, log_record_time(&record));
	return code;
}

void log_lines_close(void *reader)
{
	struct log_lines *r = reader;
	if (!r)
		return;
	audit_lines_done(&r->lines);
	buffer_done(&r->line);
	line_scan_free(r->scan);
	line_filter_free(r->own_filter);
	free(r);
}
