/* nfqueue_verdicts.h - verdicts that are collected, and the netlink messages that they become.
 *
 * What:    one message a packet; but when no packet is without its verdict, a run of packets with the same
 *          verdict and mark takes one message, which speaks for all packets up to an id.
 * Limits:  NFQUEUE_VERDICTS, and NFQUEUE_VERDICT_BYTES of packets that replace others.
 * Threads: one. No system call.
 * Source:  linux/netfilter/nfnetlink_queue.h (NFQNL_MSG_VERDICT, NFQNL_MSG_VERDICT_BATCH). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "net/nfqueue.h"

enum {
	NFQUEUE_VERDICT_BYTES = 1 << 17,
	NFQUEUE_VERDICT_SIZE = 64, /* of a message without bytes */
};

struct nfqueue_decision {
	uint32_t id, mark;
	uint8_t verdict; /* enum nfqueue_verdict */
};

struct nfqueue_verdicts {
	uint16_t number;  /* of the queue */
	unsigned waiting; /* packets that were received and have no verdict; the receiver adds */
	unsigned count;
	unsigned replaced; /* messages with bytes */
	size_t size;       /* of those */
	struct nfqueue_decision rows[NFQUEUE_VERDICTS];
	/* messages with bytes first, behind them those of `rows` */
	uint8_t bytes[NFQUEUE_VERDICT_BYTES + NFQUEUE_VERDICTS * NFQUEUE_VERDICT_SIZE]
		__attribute__((aligned(8)));
};

void nfqueue_verdicts_init(struct nfqueue_verdicts *v, uint16_t number);
bool nfqueue_verdicts_have_room(const struct nfqueue_verdicts *v, size_t bytes);
/* There is room. */
void nfqueue_verdicts_add(struct nfqueue_verdicts *v, const struct nfqueue_decision *d,
                          struct view bytes);
/* The messages; they stay collected until nfqueue_verdicts_clear(). */
struct view nfqueue_verdicts_write(struct nfqueue_verdicts *v, unsigned *ret_messages);
void nfqueue_verdicts_clear(struct nfqueue_verdicts *v);
