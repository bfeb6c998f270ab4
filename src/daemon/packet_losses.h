/* packet_losses.h - how many packets came by the packet gate without being judged: pure arithmetic.
 *
 * What:    two ways to come by. `passed`: our rules saw a packet behind the queue with the mark of before it
 *          (`failure: open`). `dropped`: a packet went to the queue, and neither was it judged, nor did it
 *          pass, nor does it wait; so were those of a full queue, of the gate's absence with `failure:
 *          closed`, and those that waited when the role was killed.
 *          The figures are not of one moment. They are read in the order of struct packet_seen, so that a
 *          packet on its way is rather counted twice than left out; and of two looks the smaller numbers hold,
 *          by when it is also known whether the role was away. While it was not, only what the kernel itself says its
 *          queues refused was dropped: a packet that is at no place is not lost yet. What is told is never too
 *          much, and whole by the second look after.
 * Limits:  what rules of others, with a priority between our two (gate/packet/rules.h), drop of what was
 *          meant for the queue counts as dropped: possible only where the kernel has no nft `queue`.
 * Threads: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/counter.h"

enum packet_loss_kind { PACKET_LOSS_DROPPED, PACKET_LOSS_PASSED, PACKET_LOSSES };

struct packet_loss_row {
	struct counter_row counter;
	const char *outcome; /* in the evidence log */
};
extern const struct packet_loss_row packet_loss_rows[PACKET_LOSSES];

/* Sums since the rules were installed. */
struct packet_seen {
	uint64_t queued;   /* went to the queue */
	uint64_t waiting;  /* are there now */
	uint64_t judged;   /* the role took them */
	uint64_t unjudged; /* passed without */
	uint64_t refused;  /* by the queues there are: full, or not delivered */
	int64_t at_us;     /* wall clock */
	bool is_away;      /* the role is, or was since the look before */
};

struct packet_losses {
	uint64_t told[PACKET_LOSSES];
	uint64_t before[PACKET_LOSSES]; /* by the look before */
	int64_t looked_us[2];           /* the look before, and that before it; 0: none */
	uint64_t believed;              /* dropped, beside what was refused since `refused` */
	uint64_t refused;
	bool was_away;
};

struct packet_loss {
	enum packet_loss_kind kind;
	uint64_t count;
	int64_t since_us; /* none was known then */
	bool was_away;
};

/* What is to be told since the look before: returns how many. */
size_t packet_losses_look(struct packet_losses *l, const struct packet_seen *seen,
                          struct packet_loss ret[static PACKET_LOSSES]);
