/* worker_internal.h - what the files of a worker share; nobody else includes it.
 *
 *	worker.c      the thread
 *	worker_io.c   where packets come from, and how what was decided is done */
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "gate/packet/bridge_ways.h"
#include "gate/packet/worker.h"
#include "net/conntrack.h"
#include "net/nfqueue.h"
#include "net/packet_capture.h"
#include "net/packet_send.h"

enum { WORKER_SOURCES_MAX = 64 /* interfaces: what the options allow */ };

struct worker_job {
	void (*call)(void *context, const struct packet_core *core);
	void *context;
};

struct packet_worker {
	struct worker_setup setup;
	struct packet_core *core;
	struct nfqueue *queue; /* or captures */
	struct packet_capture *captures[WORKER_SOURCES_MAX];
	unsigned source_count; /* the queue is one */
	struct packet_sender sender;
	struct bridge_ways bridged; /* servers */
	struct conntrack *ends;     /* or NULL */
	int64_t tick_us;            /* when the next is due */
	struct nfqueue_packet batch[WORKER_BATCH];
	struct captured_packet captured[WORKER_BATCH];
	struct packet_decision decision;
	pthread_t thread;
	bool is_started;
	int wake_fd;
	/* between threads */
	_Atomic(const struct policy *) policy_next;
	_Atomic(struct worker_job *) job;
	_Atomic bool stops;
	sem_t policy_done, job_done;
};

/* worker_io.c */

int worker_open(struct packet_worker *w) must_check;
void worker_close(struct packet_worker *w);
int worker_source_fd(const struct packet_worker *w, unsigned source);
/* As it is given to the core, with what the rules say of it. */
struct flow_packet worker_packet(const struct packet_worker *w, const struct nfqueue_packet *p,
                                 int64_t now_us);
/* Collects the packet's verdict, and sends what the core wants sent. */
void worker_decide(struct packet_worker *w, const struct nfqueue_packet *p,
                   const struct packet_decision *d);
/* What a connection that ended carried. */
struct packet_carried worker_carried(const struct conntrack_end *end);
/* Brings the counters of the kernel up to date. */
void worker_count(struct packet_worker *w);
