/* log_lines.c - reads a log of any kind: only lines that may speak of what the policy lists are taken apart, and
 * the first ones of each part, which tell whether the format is understood at all. */
#include <errno.h>
#include <stdlib.h>

#include "audit/coverage.h"
#include "audit/line_filter.h"
#include "audit/lines.h"
#include "audit/log_judge.h"
#include "audit/log_kind.h"

enum { SAMPLE_LINES = 64, PROBE_LINES = 40 };

struct log_lines {
	const struct log_kind *kind;
	const struct audit_context *context;
	struct audit_lines lines;
	struct line_filter *own_filter;
	struct line_scan *scan;
	const struct log_kind *scanned; /* whose lines `scan` looks for */
	unsigned sampled;
	bool has_understood; /* any line */
	struct buffer
		line; /* what is taken apart: of a mapped file others may change the bytes meanwhile */
	int64_t last_us; /* what the last whole line says: until when */
	struct log_state state;
};

/* All of it is zero but the scratch memory, which is most of it and is written before it is read. */
static struct log_state *state_new(void)
{
	struct log_state *state = malloc(sizeof(*state));
	if (state)
		memset(state, 0, offsetof(struct log_state, scratch));
	return state;
}

static struct log_lines *lines_new(void)
{
	struct log_lines *r = malloc(sizeof(*r));
	if (r)
		memset(r, 0, offsetof(struct log_lines, state.scratch));
	return r;
}

uint8_t *log_state_room(struct log_state *state, size_t size)
{
	if (size > sizeof(state->scratch) - state->scratch_used)
		return NULL;
	uint8_t *room = state->scratch + state->scratch_used;
	state->scratch_used += size;
	return room;
}

/* The one of its family that is in force. */
static const struct log_kind *kind_now(const struct log_lines *r)
{
	const struct log_kind *const *family = r->kind->family;
	for (uint8_t i = 0; family && family[i]; i++) {
		if (i + 1 == r->state.columns.kind)
			return family[i];
	}
	return r->kind;
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
	return r->host.size || r->url.size || r->destination.size || r->is_certificate;
}

/* Many a log begins with what says nothing: what a name server writes when it starts, a firewall's translations of
 * addresses, statistics. So a log of which nothing is wrong is read on up to the first line that says something, but is
 * less sure then than one that has it at its begin. */
int log_kind_probe(const struct log_kind *kind, struct view first)
{
	struct log_state *state = state_new();
	int good = 0, bad = 0, lines = 0;
	if (!state)
		return 0;
	state->is_probed = true;
	for (; first.size && (lines < PROBE_LINES || good + bad == 0); lines++) {
		bool is_whole = memchr(first.bytes, '\n', first.size) || lines == 0;
		struct view line = view_split(&first, '\n');
		struct log_record r;
		int code = is_whole ? parse(kind, state, line, &r) : LOG_SILENT;
		good += code == OK && says_something(&r);
		bad += code < 0;
	}
	bool has_columns = state->columns.count;
	free(state);
	if (bad > good / 2 || (good == 0 && !has_columns))
		return 0;
	return good && lines <= PROBE_LINES ? kind->sure : kind->sure / 2;
}

/* Headers stand at the begin of the source, wherever this reader's part of it is; unless it is known what came between.
 * Where replies are logged, the first query may come later. */
static void read_headers(struct log_lines *r, struct view first)
{
	struct log_columns *begin = r->context->begin;
	r->state.is_begin = true;
	for (int i = 0; first.size && (i < PROBE_LINES || r->kind->has_replies); i++) {
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
	struct log_lines *r = lines_new();
	const struct line_filter *filter = context->filter;
	if (!r)
		return -ENOMEM;
	r->kind = r->scanned = kind;
	r->context = context;
	r->last_us = TIME_MIN;
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

static bool is_comment(struct view line)
{
	return line.size && line.bytes[0] == '#';
}

/* Of a mapped file others may change the bytes meanwhile. */
static int copy_line(struct log_lines *r, struct view shared)
{
	r->line.size = 0;
	buffer_add_view(&r->line, shared);
	return r->line.failed ? -ENOMEM : OK;
}

static int take(struct log_lines *r, struct view shared)
{
	struct log_record record;
	int code = copy_line(r, shared);
	if (code < 0)
		return code;
	struct view line = buffer_view(&r->line);
	code = parse(r->kind, &r->state, line, &record);
	r->has_understood |= code >= 0 && !is_comment(line);
	if (code == OK)
		return log_judge(r->context, &record);
	if (code < 0)
		coverage_not_understood(r->context, without_return(line));
	return OK;
}

/* Behind a header that is not known no line can be: each is taken, and counted, up to the next header. */
static bool is_lost(const struct log_lines *r)
{
	return (r->kind->dialect.marks & LINE_ENDS_HASH) && r->state.columns.count == 0;
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

/* Of whole lines. */
static struct view last_line(struct view run)
{
	if (run.size && run.bytes[run.size - 1] == '\n')
		run.size--;
	const uint8_t *feed = run.size ? memrchr(run.bytes, '\n', run.size) : NULL;
	return feed ? view_skip(run, (size_t)(feed - run.bytes) + 1) : run;
}

/* Cuts off the comments at its end. Zeek ends with one, and headers of further logs may follow: however many there are,
 * so that it does not matter how the source was cut into runs. */
static struct view cut_comments(struct view *run)
{
	struct view all = *run;
	for (struct view line; is_comment(line = last_line(*run));)
		run->size = (size_t)(line.bytes - run->bytes);
	return view_skip(all, run->size);
}

/* By the columns that are in force there. */
static int keep_last(struct log_lines *r, struct view run)
{
	struct log_record record;
	if (run.size == 0)
		return OK;
	int code = copy_line(r, last_line(run));
	if (code < 0)
		return code;
	r->last_us = TIME_MIN;
	if (parse(r->kind, &r->state, buffer_view(&r->line), &record) == OK)
		r->last_us = log_record_time(&record);
	return OK;
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

/* Takes lines off the run up to where a header makes another kind of those behind it. */
static int scan_lines(struct log_lines *r, struct view *run)
{
	struct findings_source *c = r->context->coverage;
	uint64_t begin = c->items;
	const struct log_kind *kind = kind_now(r);
	if (r->scanned != kind)
		line_scan_set(r->scan, &kind->dialect);
	r->scanned = kind;
	line_scan_begin(r->scan, *run);
	for (struct line_hit hit; line_scan_next(r->scan, &hit);) {
		int code = take_hit(r, begin, &hit);
		if (code < 0)
			return code;
		if (kind_now(r) != kind || is_lost(r)) {
			*run = view_skip(*run,
			                 (size_t)(hit.line.bytes - run->bytes) + hit.line.size);
			(void)view_split(run, '\n');
			return OK;
		}
	}
	c->items = begin + line_scan_count(r->scan);
	*run = (struct view){0};
	return OK;
}

static int scan_run(struct log_lines *r, struct view run)
{
	int code = OK;
	while (code == OK && run.size)
		code = is_lost(r) ? take_next(r, view_split(&run, '\n')) : scan_lines(r, &run);
	return code;
}

static int read_lines(struct log_lines *r, struct view run)
{
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

static int read_run(struct log_lines *r, struct view run)
{
	struct view comments = cut_comments(&run);
	int code = read_lines(r, run);
	if (code == OK)
		code = keep_last(r, run);
	return code == OK ? read_lines(r, comments) : code;
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
	struct view line = audit_lines_last(&r->lines);
	int code = line.size ? read_run(r, line) : OK;
	if (r->context->end)
		*r->context->end = r->state.columns;
	if (r->context->coverage->not_understood && !r->has_understood)
		r->context->coverage->problem = view_text("none of its lines was understood");
	if (code == OK)
		coverage_time(r->context, r->last_us);
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
