/* worker.h - one thread that takes packets from where they come, asks the core, and sees to it that it is done.
 *
 * What:    waits for its queue (or, passive, for copies of packets), takes up to WORKER_BATCH at once, has all
 *          of them judged, and flushes their verdicts in one go; sends what the core wants sent; between two
 *          batches it changes the policy, runs what an administrator asks for, and ticks.
 * Owns:    core, queue, sockets, thread. What `setup` names outlives it.
 * Needs:   CAP_NET_ADMIN and CAP_NET_RAW for worker_new(); CAP_NET_ADMIN while it runs.
 * Threads: the functions are called from one other thread at a time. */
#pragma once

#include "gate/packet/core.h"

enum { WORKER_BATCH = 64 };

struct worker_setup {
	struct packet_core_setup core;
	unsigned index;
	bool hears_ends; /* of flows: one worker does for all */
};

struct packet_worker;

int packet_worker_new(const struct worker_setup *setup, struct packet_worker **ret) must_check;
int packet_worker_start(struct packet_worker *w) must_check;
/* Returns when the worker uses it. */
void packet_worker_set_policy(struct packet_worker *w, const struct policy *policy);
/* Calls the job in the worker's thread, or here while it has none. -ETIMEDOUT when the worker does not come to
 * it within a second; then it will not call it any more. */
int packet_worker_run(struct packet_worker *w,
                      void (*job)(void *context, const struct packet_core *core),
                      void *context) must_check;
void packet_worker_stop(struct packet_worker *w);
void packet_worker_free(struct packet_worker *w);
DEFINE_CLEANUP(packet_worker, struct packet_worker *, packet_worker_free);
