#include "daemon/resources.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/log_line.h"
#include "gate/dns/gate.h"

enum { RECEIVE_BUFFER = 4 << 20 };

int resources_listener(const struct resources *r, size_t index, unsigned worker)
{
	return r->listeners[index * r->workers + worker];
}

static enum exit_status open_listeners(const struct writ_options *o, struct resources *r)
{
	static const struct listen_options options = {.receive_buffer = RECEIVE_BUFFER};
	size_t count = r->listen_count * r->workers;
	r->listeners = calloc(count, sizeof(*r->listeners));
	if (!r->listeners)
		return EXIT_STATUS_INTERNAL;
	for (size_t i = 0; i < count; i++)
		r->listeners[i] = -1;
	for (size_t i = 0; i < r->listen_count; i++) {
		struct dns_listen l = dns_listen_at(&o->dns, i);
		enum listen_transport socket = dns_transports[l.transport].socket;
		int code = listen_open(l.at, socket, &options, r->workers,
		                       &r->listeners[i * r->workers]);
		if (code < 0) {
			char why[LISTEN_TEXT_SIZE];
			log_line(LOG_LEVEL_ERROR, "%s", listen_explain(l.at, socket, code, why));
			return exit_status_of(code);
		}
	}
	return EXIT_STATUS_OK;
}

static enum exit_status open_metrics(const struct endpoint *at, struct resources *r)
{
	static const struct listen_options options = {.backlog = 16};
	char why[LISTEN_TEXT_SIZE];
	if (at->family == ADDRESS_NONE)
		return EXIT_STATUS_OK;
	int code = listen_open(at, LISTEN_TCP, &options, 1, &r->metrics_listener);
	if (code == OK)
		return EXIT_STATUS_OK;
	log_line(LOG_LEVEL_ERROR, "%s", listen_explain(at, LISTEN_TCP, code, why));
	return exit_status_of(code);
}

static int open_memory(struct resources *r)
{
	int code = memory_create("writ-dns-stats", r->workers * sizeof(struct dns_stats),
	                         &r->dns_stats);
	if (code == OK)
		code = memory_create("writ-record-stats", sizeof(struct record_stats),
		                     &r->record_stats);
	for (unsigned i = 0; code == OK && i < r->workers; i++)
		code = ring_create(r->ring_events, &r->rings[i]);
	return code;
}

enum exit_status resources_open(const struct writ_options *o, struct resources *ret)
{
	struct resources r = {.workers = dns_gate_workers(&o->dns),
	                      .listen_count = dns_listen_count(&o->dns),
	                      .ring_events = (uint32_t)o->record.ring_events,
	                      .dns_stats = MEMORY_NONE,
	                      .record_stats = MEMORY_NONE,
	                      .metrics_listener = -1};
	r.rings = calloc(r.workers, sizeof(*r.rings));
	for (unsigned i = 0; r.rings && i < r.workers; i++)
		r.rings[i].memory_fd = r.rings[i].wake_fd = -1;
	enum exit_status status = r.rings ? open_listeners(o, &r) : EXIT_STATUS_INTERNAL;
	if (status == EXIT_STATUS_OK)
		status = open_metrics(&o->daemon.metrics.listen, &r);
	int code = status == EXIT_STATUS_OK ? open_memory(&r) : OK;
	if (code < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot make shared memory: %s", err_text(code));
		status = exit_status_of(code);
	}
	if (status == EXIT_STATUS_OK)
		*ret = r;
	else
		resources_done(&r);
	return status;
}

void resources_done(struct resources *r)
{
	size_t count = r->listen_count * r->workers;
	for (size_t i = 0; r->listeners && i < count; i++)
		cleanup_fd(&r->listeners[i]);
	for (unsigned i = 0; r->rings && i < r->workers; i++) {
		if (r->rings[i].shared)
			ring_done(&r->rings[i]);
	}
	free(r->listeners);
	free(r->rings);
	memory_close(&r->dns_stats);
	memory_close(&r->record_stats);
	cleanup_fd(&r->metrics_listener);
	*r = (struct resources){
		.dns_stats = MEMORY_NONE, .record_stats = MEMORY_NONE, .metrics_listener = -1};
}
