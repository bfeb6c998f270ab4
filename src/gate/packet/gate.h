/* gate.h - the packet gate as a whole: one thread a queue.
 *
 * What:    takes open queues, or interfaces to listen on, and a compiled policy; judges until it is stopped.
 *          Exchanging the policy loses no packet: flows that are not judged yet are judged by the new one.
 * Owns:    its threads, and what it opened. What `setup` names stays the caller's and outlives the gate (the
 *          policy: until another is in use).
 * Needs:   CAP_NET_ADMIN as long as it runs (see net/nfqueue.h), CAP_NET_RAW to open.
 * Threads: one caller at a time. */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "flow/learned.h"
#include "gate/packet/options.h"
#include "gate/packet/stats.h"
#include "record/ring.h"
#include "refusal/block_options.h"

struct packet_gate_setup {
	const struct packet_options *options;
	const struct dns_block_options
		*block;           /* how DNS queries are answered: as the DNS gate does */
	unsigned workers;         /* packet_gate_workers() */
	const void *policy_image; /* that policy_open() has taken */
	size_t policy_size;
	struct ring *const *rings;     /* one a worker */
	struct packet_stats *stats;    /* one a worker */
	const struct learned *learned; /* names that our DNS gate gave out, or NULL */
};

struct packet_gate;

/* Opens all that needs privileges; no packet is judged yet. -errno; ERR_DENIED without privileges. */
int packet_gate_open(const struct packet_gate_setup *setup, struct packet_gate **ret) must_check;
/* Starts the threads: call it inside the sandbox. */
int packet_gate_start(struct packet_gate *gate) must_check;
/* Returns when every worker uses the new image. On failure the old one stays. */
int packet_gate_swap_policy(struct packet_gate *gate, const void *image, size_t size) must_check;
/* Flows under judgement of one worker, as flow_table_walk(): called within that worker's thread, between two
 * batches, while the caller waits. -ETIMEDOUT when the worker does not come to it within a second. */
int packet_gate_walk(struct packet_gate *gate, unsigned worker, uint32_t *cursor, uint32_t count,
                     void (*each)(void *context, const struct flow_row *row), void *context,
                     bool *ret_has_more) must_check;
/* Ends the threads and frees; NULL is fine. */
void packet_gate_close(struct packet_gate *gate);
DEFINE_CLEANUP(packet_gate, struct packet_gate *, packet_gate_close);

/* The queues that `options` ask for; passive: one. */
unsigned packet_gate_workers(const struct packet_options *options);
