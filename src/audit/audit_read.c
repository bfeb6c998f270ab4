#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit_private.h"
#include "audit/coverage.h"
#include "audit/source_stream.h"

enum { TAIL_SIZE = 64 * 1024, LINE_SIZE_USUAL = 4096 };

struct audit_part *audit_part_new(const struct audit *a, const struct log_columns *begin,
                                  int *ret_code)
{
	struct audit_part *p = calloc(1, sizeof(*p));
	*ret_code = p ? findings_new(a->settings.policy, a->settings.findings_max, &p->findings)
	              : -ENOMEM;
	if (*ret_code < 0) {
		free(p);
		return NULL;
	}
	p->coverage = findings_source_none();
	p->columns[0] = *begin;
	return p;
}

void audit_part_free(struct audit_part *p)
{
	if (!p)
		return;
	findings_free(p->findings);
	free(p);
}

static struct view cut_probe(struct view first)
{
	if (first.size > AUDIT_PROBE_SIZE)
		first.size = AUDIT_PROBE_SIZE;
	return first;
}

/* Made when the first log is opened: a capture needs none, and of very many names it takes a while. */
static int make_filter(struct audit *a, const struct audit_format *format)
{
	int code = OK;
	if (!format->is_lines)
		return OK;
	(void)pthread_mutex_lock(&a->filter_mutex);
	if (!a->filter)
		code = line_filter_new(a->settings.policy, &a->filter);
	(void)pthread_mutex_unlock(&a->filter_mutex);
	return code;
}

static struct audit_context context_of(const struct audit *a, struct audit_part *p)
{
	return (struct audit_context){.policy = a->settings.policy,
	                              .findings = p->findings,
	                              .now_us = a->settings.now_us,
	                              .coverage = &p->coverage,
	                              .example = p->example,
	                              .filter = a->filter,
	                              .begin = &p->columns[0],
	                              .end = &p->columns[1],
	                              .format = a->settings.format};
}

static int read_all(struct audit *a, const struct audit_format *format, struct source_stream *s,
                    struct audit_part *ret)
{
	int code = make_filter(a, format);
	if (code < 0)
		return code;
	struct audit_context context = context_of(a, ret);
	void *reader = NULL;
	struct view block = {0};
	code = format->open(&context, cut_probe(s->first), &reader);
	if (code < 0)
		return code;
	do {
		code = audit_is_stopped(a) ? -ECANCELED : source_stream_next(s, &block);
		if (code == OK && block.size)
			code = format->read(reader, block);
	} while (code == OK && block.size);
	/* what was cut short still has a last item */
	int last = code == -ECANCELED ? OK : format->finish(reader);
	format->close(reader);
	return code < 0 ? code : last;
}

/* "names xz gz": the format, and what it was taken out of. */
static void set_format(struct audit_source *s, const struct source_stream *stream)
{
	int at = snprintf(s->format_name, sizeof(s->format_name), "%s", s->format->name);
	for (size_t i = stream->layer_count; i > 0; i--)
		at += snprintf(s->format_name + at, sizeof(s->format_name) - (size_t)at, " %s",
		               stream->layers[i - 1].inflater.kind->name);
}

static void note_range(struct audit_part *p, const struct source_range *r)
{
	p->hole_bytes = r->hole_bytes;
	p->hole_at = r->hole_at;
	p->is_cut = r->is_cut;
}

/* Whether threads may share it; then it is set up for that. */
static int plan_parts(struct audit *a, struct audit_source *s, const struct source_stream *stream)
{
	uint64_t size = a->settings.part_size;
	struct view first = cut_probe(stream->first);
	if (!s->format->is_lines || !s->file.is_regular || stream->layer_count ||
	    s->file.size <= size)
		return 0;
	s->first = malloc(first.size ? first.size : 1);
	if (!s->columns && (s->columns = calloc(1, sizeof(*s->columns))))
		s->columns->is_known = true; /* at its begin there are none */
	if (!s->first || !s->columns)
		return -ENOMEM;
	memcpy(s->first, first.bytes, first.size);
	s->first_size = first.size;
	s->mark_size = stream->mark_size;
	s->parts_all = (s->file.size + size - 1) / size;
	return 1;
}

static int read_opened(struct audit *a, struct audit_source *s, struct source_stream *stream,
                       struct audit_part *ret)
{
	s->format = a->settings.format ? a->settings.format
	                               : audit_format_find(cut_probe(stream->first));
	if (!s->format)
		return s->file.is_regular && stream->first.size == 0 ? OK : ERR_VERSION;
	set_format(s, stream);
	int code = plan_parts(a, s, stream);
	if (code != 0)
		return code < 0 ? code : OK;
	bool is_lines = s->format->is_lines && !stream->layer_count;
	stream->range.stops_at_hole = !is_lines;
	stream->range.copied = is_lines ? 0 : SOURCE_COPY_SIZE;
	code = read_all(a, s->format, stream, ret);
	ret->coverage.bytes = stream->range.given;
	return code;
}

void audit_read_whole(struct audit *a, struct audit_source *s, struct audit_part *ret)
{
	struct source_stream stream;
	/* the part that is planned is counted when it is read */
	atomic_ullong planned = 0;
	ret->code = source_stream_open(&s->file, &planned, s->file.is_regular ? NULL : s->digest,
	                               &stream);
	if (ret->code < 0)
		return;
	stream.range.read = &a->bytes;
	ret->code = read_opened(a, s, &stream, ret);
	if (s->parts_all == 0)
		atomic_fetch_add_explicit(&a->bytes, planned, memory_order_relaxed);
	source_stream_close(&stream);
	note_range(ret, &stream.range);
}

/* Where the line ends that a byte before `from` belongs to: the end of the file at the latest. */
static int find_line_end(struct audit *a, const struct source_file *f, uint64_t from, uint64_t end,
                         uint64_t *ret)
{
	struct source_range r;
	struct view block;
	int code;
	source_range_init(&r, f, from - 1, end);
	r.copied = LINE_SIZE_USUAL;
	*ret = end;
	const uint8_t *at = NULL;
	while ((code = source_range_next(&r, &block)) == OK && block.size &&
	       !(at = memchr(block.bytes, '\n', block.size))) {
		r.copied = SOURCE_COPY_SIZE;
		/* a part whose end is not known was not read */
		if (audit_is_stopped(a)) {
			code = -ECANCELED;
			break;
		}
	}
	if (at)
		*ret = r.at - block.size + (uint64_t)(at - block.bytes) + 1;
	source_range_done(&r);
	return code;
}

/* Lines that begin in that part of the file are its own. */
static int find_bounds(struct audit *a, const struct audit_source *s, uint64_t number,
                       uint64_t *ret_from, uint64_t *ret_end)
{
	uint64_t from = number * a->settings.part_size, end = from + a->settings.part_size;
	int code = OK;
	*ret_from = from ? from : s->mark_size;
	*ret_end = end < s->file.size ? end : s->file.size;
	if (from)
		code = find_line_end(a, &s->file, from, *ret_end, ret_from);
	if (code == OK && end < s->file.size && *ret_from < *ret_end)
		code = find_line_end(a, &s->file, end, s->file.size, ret_end);
	return code;
}

void audit_read_part(struct audit *a, const struct audit_source *s, uint64_t number,
                     struct audit_part *ret)
{
	struct source_stream part;
	uint64_t from, end;
	ret->code = find_bounds(a, s, number, &from, &end);
	if (ret->code < 0 || from >= end)
		return;
	source_stream_open_part(&s->file, from, end, view_of(s->first, s->first_size), &part);
	part.range.read = &a->bytes;
	ret->code = read_all(a, s->format, &part, ret);
	ret->coverage.bytes = (number ? 0 : s->mark_size) + part.range.given;
	source_stream_close(&part);
	note_range(ret, &part.range);
}
