#include "audit/source_stream.h"

#include <errno.h>
#include <stdlib.h>

static int next(struct source_stream *s, size_t level, struct view *ret);

/* Fills the layer's room with what the level below has. */
static int inflate(struct source_stream *s, size_t level, struct view *ret)
{
	struct source_layer *l = &s->layers[level - 1];
	size_t size = 0;
	while (!l->is_over && size < SOURCE_BLOCK_SIZE) {
		int got = inflater_read(&l->inflater, &l->in, l->room + size,
		                        SOURCE_BLOCK_SIZE - size);
		if (got == 0 && l->in.size)
			got = ERR_MALFORMED;
		/* what came before is given out first; the next call fails again */
		if (got < 0 && size)
			break;
		if (got < 0)
			return got;
		size += (size_t)got;
		if (l->in.size || size == SOURCE_BLOCK_SIZE)
			continue;
		int code = next(s, level - 1, &l->in);
		if (code < 0)
			return code;
		l->is_over = l->in.size == 0;
	}
	l->bytes += size;
	*ret = view_of(l->room, size);
	if (l->bytes > SOURCE_EXPANDED_MAX)
		return ERR_LIMIT;
	/* what came before the input ended too early is given out first */
	return size == 0 ? inflater_finish(&l->inflater) : OK;
}

static int next(struct source_stream *s, size_t level, struct view *ret)
{
	return level == 0 ? source_range_next(&s->range, ret) : inflate(s, level, ret);
}

static int add_layer(struct source_stream *s, const struct inflater_kind *kind)
{
	struct source_layer *l = &s->layers[s->layer_count];
	*l = (struct source_layer){.in = s->first, .room = malloc(SOURCE_BLOCK_SIZE)};
	s->layer_count++;
	int code = l->room ? inflater_open(kind, &l->inflater) : -ENOMEM;
	return code < 0 ? code : next(s, s->layer_count, &s->first);
}

static void cut_mark(struct source_stream *s)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (!view_starts_with(s->first, view_text(mark)))
		return;
	s->mark_size = sizeof(mark) - 1;
	s->first = view_skip(s->first, s->mark_size);
}

int source_stream_open(const struct source_file *f, atomic_ullong *read, struct digest *digest,
                       struct source_stream *ret)
{
	struct source_stream *s = ret;
	*s = (struct source_stream){0};
	source_range_init(&s->range, f, 0, f->size);
	s->range.read = read;
	s->range.digest = digest;
	int code = next(s, 0, &s->first);
	for (const struct inflater_kind *kind; code == OK && s->layer_count < SOURCE_LAYERS_MAX &&
	                                       (kind = inflater_kind_find(s->first));)
		code = add_layer(s, kind);
	if (code < 0)
		source_stream_close(s);
	else
		cut_mark(s);
	return code;
}

void source_stream_open_part(const struct source_file *f, uint64_t from, uint64_t end,
                             struct view first, struct source_stream *ret)
{
	*ret = (struct source_stream){.first = first, .is_first_given = true};
	source_range_init(&ret->range, f, from, end);
}

int source_stream_next(struct source_stream *s, struct view *ret)
{
	if (s->is_first_given)
		return next(s, s->layer_count, ret);
	s->is_first_given = true;
	*ret = s->first;
	return OK;
}

void source_stream_close(struct source_stream *s)
{
	for (size_t i = 0; i < s->layer_count; i++) {
		inflater_close(&s->layers[i].inflater);
		free(s->layers[i].room);
	}
	s->layer_count = 0;
	source_range_done(&s->range);
}
