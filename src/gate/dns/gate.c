#include "gate/dns/gate.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "gate/dns/cache.h"
#include "gate/dns/open_files.h"
#include "gate/dns/worker.h"
#include "gate/dns/xdp.h"

struct dns_gate {
	struct policy policies[2]; /* the one in use, and room for the next */
	unsigned used;
	unsigned worker_count;
	struct worker *workers[];
};

unsigned dns_gate_workers(const struct dns_options *options)
{
	if (options->workers > 0)
		return (unsigned)options->workers;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	return processors > 0 ? (unsigned)processors : 1;
}

/* What is random in all workers alike, so that it does not matter which of them a client meets. */
struct common {
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE], ticket_seed[TLS_TICKET_SEED_SIZE];
	int64_t start_us;
	uint32_t connections_max;
};

static int make_common(unsigned workers, struct common *ret)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;
	ret->connections_max = open_files_connections(files.rlim_cur, workers);
	ret->start_us = clock_monotonic_us();
	if (getrandom(ret->reference_key, sizeof(ret->reference_key), 0) !=
	            sizeof(ret->reference_key) ||
	    getrandom(ret->ticket_seed, sizeof(ret->ticket_seed), 0) != sizeof(ret->ticket_seed))
		return -EIO;
	return OK;
}

static int give_certificates(const struct dns_gate_setup *setup, struct worker *w)
{
	int r = OK;
	for (unsigned i = 0; r >= 0 && i < DNS_TRANSPORTS; i++) {
		if (setup->certificates[i].size)
			r = worker_set_certificate(w, (enum dns_transport)i,
			                           setup->certificates[i]);
	}
	return r;
}

static int make_worker(const struct dns_gate_setup *setup, const struct policy *policy,
                       const struct common *common, unsigned index, struct worker **ret)
{
	size_t size = (size_t)setup->options->cache.size / setup->workers;
	struct worker_setup worker = {
		.index = index,
		.options = setup->options,
		.policy = policy,
		.stats = &setup->stats[index],
		.ring = setup->rings ? setup->rings[index] : NULL,
		.tap = setup->taps ? setup->taps[index] : NULL,
		.names = setup->names,
		.cache_size = size < CACHE_SIZE_MIN ? (size_t)CACHE_SIZE_MIN : size,
	};
	if (getrandom(&worker.seed, sizeof(worker.seed), 0) != sizeof(worker.seed))
		return -EIO;
	memcpy(worker.cookie_key, setup->cookie_key, sizeof(worker.cookie_key));
	worker.start_us = common->start_us;
	worker.connections_max = common->connections_max;
	memcpy(worker.reference_key, common->reference_key, sizeof(worker.reference_key));
	memcpy(worker.ticket_seed, common->ticket_seed, sizeof(worker.ticket_seed));
	int r = worker_new(&worker, ret);
	if (r >= 0)
		r = give_certificates(setup, *ret);
	for (size_t i = 0; r >= 0 && i < setup->listener_count; i++) {
		const struct dns_listener *l = &setup->listeners[i];
		if (l->worker == index)
			r = worker_listen(*ret, l->fd, l->transport);
	}
	return r;
}

static int add_sources(struct dns_gate *gate, const struct dns_xdp *xdp)
{
	struct datagram_source *source;
	unsigned worker;
	int r = OK;
	for (size_t i = 0; r >= 0 && (source = dns_xdp_source(xdp, i, &worker)); i++)
		r = worker_add_source(gate->workers[worker], source);
	return r;
}

int dns_gate_start(const struct dns_gate_setup *setup, struct dns_gate **ret)
{
	cleanup(dns_gate) struct dns_gate *gate =
		calloc(1, sizeof(*gate) + setup->workers * sizeof(gate->workers[0]));
	if (!gate)
		return -ENOMEM;
	gate->worker_count = setup->workers;
	struct common common;
	int r = make_common(setup->workers, &common);
	if (r >= 0)
		r = policy_open_checked(view_of(setup->policy_image, setup->policy_size),
		                        &gate->policies[0]);
	for (unsigned i = 0; r >= 0 && i < setup->workers; i++)
		r = make_worker(setup, &gate->policies[0], &common, i, &gate->workers[i]);
	if (r >= 0 && setup->xdp)
		r = add_sources(gate, setup->xdp);
	/* all are made before the first runs: see resolver.h */
	for (unsigned i = 0; r >= 0 && i < setup->workers; i++)
		r = worker_start(gate->workers[i]);
	if (r < 0)
		return r;
	*ret = take_ptr(gate);
	return OK;
}

int dns_gate_swap_policy(struct dns_gate *gate, const void *image, size_t size)
{
	unsigned next = 1 - gate->used;
	int r = policy_open_checked(view_of(image, size), &gate->policies[next]);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < gate->worker_count; i++)
		worker_set_policy(gate->workers[i], &gate->policies[next]);
	gate->used = next;
	return OK;
}

int dns_gate_swap_certificate(struct dns_gate *gate, enum dns_transport transport, struct view pem)
{
	int r = OK;
	for (unsigned i = 0; r >= 0 && i < gate->worker_count; i++)
		r = worker_set_certificate(gate->workers[i], transport, pem);
	return r;
}

void dns_gate_run_in(struct dns_gate *gate, unsigned worker, const struct job *job)
{
	worker_run(gate->workers[worker], job);
}

void dns_gate_run(struct dns_gate *gate, const struct job *job)
{
	for (unsigned i = 0; i < gate->worker_count; i++)
		dns_gate_run_in(gate, i, job);
}

void dns_gate_stop(struct dns_gate *gate)
{
	if (!gate)
		return;
	for (unsigned i = 0; i < gate->worker_count; i++) {
		if (gate->workers[i])
			worker_stop(gate->workers[i]);
	}
	for (unsigned i = 0; i < gate->worker_count; i++)
		worker_free(gate->workers[i]);
	free(gate);
}
