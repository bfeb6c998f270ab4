/* gate.h - the DNS gate as a whole: one worker thread a processor.
 *
 * What:    takes bound sockets and a compiled policy; answers until it is stopped. Exchanging the policy
 *          loses no query.
 * Owns:    its threads. Options, sockets, counters, rings and the policy's bytes stay the caller's and
 *          outlive the gate (the policy: until another is in use).
 * Threads: one caller at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/view.h"
#include "flow/learned.h"
#include "gate/dns/cookie.h"
#include "gate/dns/job.h"
#include "gate/dns/options.h"
#include "gate/dns/stats.h"
#include "gate/dns/transport.h"
#include "record/ring.h"

struct dns_listener {
	int fd;
	enum dns_transport transport;
	unsigned worker; /* who answers on it, below the number of workers */
};

struct dns_xdp;
struct tap;

struct dns_gate_setup {
	const struct dns_options *options;
	unsigned workers;
	const struct dns_listener *listeners;
	size_t listener_count;
	const void *policy_image; /* that policy_open() has taken */
	size_t policy_size;
	struct ring *const *rings;   /* one a worker, or NULL */
	struct tap *const *taps;     /* likewise */
	const struct learned *names; /* to learn which client got which address; or NULL */
	uint8_t cookie_key[COOKIE_KEY_SIZE];
	struct dns_stats *stats;   /* one a worker */
	const struct dns_xdp *xdp; /* see xdp.h; or NULL */
	struct view certificates
		[DNS_TRANSPORTS]; /* PEM, as tls_context_new(); empty where none is needed */
};

struct dns_gate;

/* -errno; ERR_INVALID for an option that the resolver refuses; what policy_open_checked() says. */
int dns_gate_start(const struct dns_gate_setup *setup, struct dns_gate **ret) must_check;
/* Returns when every worker uses the new image, so that the old may be unmapped. On failure (what
 * policy_open_checked() says) the old one stays. */
int dns_gate_swap_policy(struct dns_gate *gate, const void *image, size_t size) must_check;
/* Returns when every worker uses it for new connections of the transport; others keep what they have. On
 * failure (what tls_context_new() says) the old one stays. */
int dns_gate_swap_certificate(struct dns_gate *gate, enum dns_transport transport,
                              struct view pem) must_check;
/* Runs a job in every worker, or in the one of that index, and returns when it is done (job.h). */
void dns_gate_run(struct dns_gate *gate, const struct job *job);
void dns_gate_run_in(struct dns_gate *gate, unsigned worker, const struct job *job);
/* Ends the threads and frees; NULL is fine. */
void dns_gate_stop(struct dns_gate *gate);
DEFINE_CLEANUP(dns_gate, struct dns_gate *, dns_gate_stop);

/* The workers that `options` ask for. */
unsigned dns_gate_workers(const struct dns_options *options);
