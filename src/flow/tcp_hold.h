/* tcp_hold.h - the client's bytes that a flow holds.
 *
 * Pieces keep their borders, which readings need. When there are HOLD_PIECES of them and they do not contradict
 * each other, those that follow on each other are joined: a hello in single bytes takes the room of one. From then
 * on other bytes for a place that is held are more readings than can be judged. */
#pragma once

#include "flow/flow_internal.h"

enum { HOLD_PIECES = 32 };

enum hold_news {
	HOLD_NEW,      /* some of its places had no bytes yet */
	HOLD_AGAIN,    /* all of them had, but other ones, or with other borders */
	HOLD_SAME,     /* nothing new in it */
	HOLD_CONFLICT, /* other bytes, where borders are not known any more */
};
/* `bytes` begin at the base or behind it. */
enum hold_news tcp_hold_compare(struct turn *turn, uint32_t sequence, struct view bytes);
/* Keeps a segment as far as bytes are read, limits.hello_size from the base. False: the pool is full. */
bool tcp_hold_add(struct turn *turn, uint32_t sequence, struct view bytes);
