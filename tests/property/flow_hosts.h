/* flow_hosts.h - end hosts of several kinds: what each reads out of segments that overlap.
 *
 * Source: Novak and Sturges, "Target-Based TCP Stream Reassembly" (2007), for who wins over whom. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/view.h"

enum host_kind { HOST_FIRST, HOST_LAST, HOST_BSD, HOST_LINUX, HOST_WINDOWS, HOST_KINDS };
enum host_urgent { HOST_URGENT_STAYS, HOST_URGENT_BEFORE, HOST_URGENT_AT, HOST_URGENTS };

enum { HOST_STREAM_MAX = 8192 };

struct host {
	enum host_kind kind;
	enum host_urgent urgent;
	uint8_t bytes[HOST_STREAM_MAX];
	uint16_t from[HOST_STREAM_MAX],
		to[HOST_STREAM_MAX]; /* of the segment that a byte is from */
	bool has[HOST_STREAM_MAX], is_out[HOST_STREAM_MAX];
	size_t next; /* up to there it was given to the program */
};

/* Whether a new segment wins a byte that an older one already has. */
static inline bool host_takes_new(enum host_kind kind, size_t from, size_t to, size_t old_from,
                                  size_t old_to)
{
	switch (kind) {
	case HOST_LAST: return true;
	case HOST_BSD: return from < old_from;
	case HOST_LINUX: return from < old_from || (from == old_from && to > old_to);
	case HOST_WINDOWS: return from < old_from && to > old_to;
	default: return false;
	}
}

static inline void host_take(struct host *h, size_t offset, struct view bytes, bool has_urgent,
                             uint16_t urgent)
{
	size_t to = offset + bytes.size;
	size_t out = offset + urgent - (h->urgent == HOST_URGENT_BEFORE);
	if (has_urgent && h->urgent != HOST_URGENT_STAYS && out < HOST_STREAM_MAX && out >= h->next)
		h->is_out[out] = true;
	for (size_t i = offset; i < to && i < HOST_STREAM_MAX; i++) {
		if (i < h->next)
			continue;
		if (h->has[i] && !host_takes_new(h->kind, offset, to, h->from[i], h->to[i]))
			continue;
		h->has[i] = true;
		h->bytes[i] = bytes.bytes[i - offset];
		h->from[i] = (uint16_t)offset;
		h->to[i] = (uint16_t)to;
	}
	while (h->next < HOST_STREAM_MAX && h->has[h->next])
		h->next++;
}

/* What its program reads. */
static inline struct view host_read(const struct host *h, uint8_t room[static HOST_STREAM_MAX])
{
	size_t size = 0;
	for (size_t i = 0; i < h->next; i++)
		if (!h->is_out[i])
			room[size++] = h->bytes[i];
	return view_of(room, size);
}
