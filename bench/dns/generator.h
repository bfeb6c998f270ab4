/* generator.h - asks a DNS server over UDP as fast as it answers, or at a fixed rate.
 *
 * Two loops, both on one processor of their own, which they never leave to others:
 *	generator_run_window()   keeps so many queries outstanding and says what the server can do;
 *	generator_run_rate()     sends by the clock and never waits for the server. A latency is the time
 *	                         from just before the send call to the kernel's receive time stamp, so that
 *	                         neither a slow server nor a preempted generator hides or makes delay.
 * Neither sleeps: a server that had to wake its client would pay for that.
 *
 * Owns:    sockets and tables; borrows the queries. */
#pragma once

#include <netinet/in.h>

#include "common/histogram.h"
#include "query_file.h"

enum { GENERATOR_SOCKETS = 16, GENERATOR_SLOTS = 4096, GENERATOR_MARK_SIZE = 4 };

struct generator_counts {
	uint64_t sent, answered, lost, late;
	uint64_t rcodes[16];
	uint64_t leaked;      /* listed, and answered with the upstream's address */
	uint64_t overblocked; /* not listed, and refused or denied */
	uint64_t answered_in_time;
	int64_t spent_ns;
	struct histogram latency;
};

struct generator_setup {
	struct sockaddr_in server;
	const struct query_file *queries;
	uint8_t mark[GENERATOR_MARK_SIZE]; /* address that every allowed name has */
	int64_t timeout_ns, length_ns;
	int64_t warm_ns; /* latencies of this first time do not count */
	bool is_timed;   /* latency by the kernel's time stamps */
	bool is_once;    /* ends after each query was sent once */
};

struct generator;

int generator_new(const struct generator_setup *setup, struct generator **ret) must_check;
void generator_free(struct generator *g);
void generator_run_window(struct generator *g, unsigned window);
void generator_run_rate(struct generator *g, unsigned a_second);
const struct generator_counts *generator_counts(const struct generator *g);
