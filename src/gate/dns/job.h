/* job.h - work that an administrator asks of a running gate, done in the workers' threads.
 *
 * What:    a step is called in a worker's thread between batches of queries, where it may use all that is
 *          the worker's. While it says JOB_AGAIN it is called again, each time after the queries that have
 *          come in meanwhile: so a step does a bounded slice of its work, well under a millisecond. One step
 *          takes longer, once a worker: resolver_forget().
 * Threads: dns_gate_run() (gate.h) waits in the caller's; workers take their turns one after the other, so
 *          a context needs no lock. */
#pragma once

#include "gate/dns/core.h"

struct exchange;
struct top;

enum job_state {
	JOB_DONE,
	JOB_AGAIN,
	JOB_WAITS, /* for something that will call worker->go_on(); the step may be called before, too */
};

/* What is the worker's. */
struct job_worker {
	unsigned index;
	struct dns_core *core;
	struct exchange *exchange;
	void (*go_on)(struct job_worker *worker); /* in the worker's thread: calls the step soon */
};

typedef enum job_state job_fn(struct job_worker *worker, void *context);

struct job {
	job_fn *step;
	void *context;
};
