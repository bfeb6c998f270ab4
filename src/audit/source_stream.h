/* source_stream.h - a source's bytes in their order, as they were before they were compressed (once, or twice), without the
 * mark that UTF-8 may have at its begin.
 *
 * Owns:    source_stream_close(). The file is the caller's.
 * Limits:  SOURCE_LAYERS_MAX compressions; SOURCE_EXPANDED_MAX bytes come out, then ERR_LIMIT. */
#pragma once

#include "audit/inflater.h"
#include "audit/source_file.h"

#define SOURCE_EXPANDED_MAX (UINT64_C(1) << 40)

enum { SOURCE_LAYERS_MAX = 2 };

struct source_layer {
	struct inflater inflater;
	struct view in;
	uint8_t *room;
	bool is_over;
	uint64_t bytes; /* that came out */
};

struct source_stream {
	struct source_range range;
	struct source_layer layers[SOURCE_LAYERS_MAX];
	size_t layer_count;
	struct view first;
	size_t mark_size; /* what was cut off before it */
	bool is_first_given;
};

/* Reads the first block and finds out how it is compressed. */
int source_stream_open(const struct source_file *f, atomic_ullong *read, struct digest *digest,
                       struct source_stream *ret) must_check;
/* That part of a regular file that is not compressed. `first` is the begin of the file, and is not given again. */
void source_stream_open_part(const struct source_file *f, uint64_t from, uint64_t end,
                             struct view first, struct source_stream *ret);
/* As source_range_next(). ERR_MALFORMED, ERR_TRUNCATED, ERR_LIMIT and ERR_MISSING of inflater.h. */
int source_stream_next(struct source_stream *s, struct view *ret) must_check;
void source_stream_close(struct source_stream *s);
