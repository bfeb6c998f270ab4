#include "daemon/resources.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "daemon/log_line.h"
#include "flow/learned.h"
#include "gate/dns/gate.h"
#include "gate/packet/gate.h"

enum { RECEIVE_BUFFER = 4 << 20, LEARNED_ROWS = 1 << 14 };

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

static int open_packet_memory(struct resources *r)
{
	uint64_t seed;
	if (r->packet_workers == 0)
		return OK;
	randombytes_buf(&seed, sizeof(seed));
	int code = memory_create("writ-packet-stats",
	                         r->packet_workers * sizeof(struct packet_stats), &r->packet_stats);
	if (code == OK)
		code = memory_create("writ-learned", learned_size(LEARNED_ROWS), &r->learned);
	if (code == OK)
		learned_format(r->learned.bytes, LEARNED_ROWS, seed);
	for (unsigned i = 0; code == OK && i < r->packet_workers; i++)
		code = ring_create(r->ring_events, &r->packet_rings[i]);
	return code;
}

static struct ring *make_rings(unsigned count)
{
	struct ring *rings = calloc(count + 1, sizeof(*rings)); /* of none, too */
	for (unsigned i = 0; rings && i < count; i++)
		rings[i].memory_fd = rings[i].wake_fd = -1;
	return rings;
}

static void free_rings(struct ring *rings, unsigned count)
{
	for (unsigned i = 0; rings && i < count; i++) {
		if (rings[i].shared)
			ring_done(&rings[i]);
	}
	free(rings);
}

struct resources resources_none(void)
{
	return (struct resources){.dns_stats = MEMORY_NONE,
	                          .record_stats = MEMORY_NONE,
	                          .packet_stats = MEMORY_NONE,
	                          .learned = MEMORY_NONE,
	                          .metrics_listener = -1};
}

enum exit_status resources_open(const struct writ_options *o, struct resources *ret)
{
	struct resources r = resources_none();
	r.workers = dns_gate_workers(&o->dns);
	r.listen_count = dns_listen_count(&o->dns);
	r.ring_events = (uint32_t)o->record.ring_events;
	r.packet_workers = o->packet.mode == PACKET_OFF ? 0 : packet_gate_workers(&o->packet);
	r.rings = make_rings(r.workers);
	r.packet_rings = make_rings(r.packet_workers);
	enum exit_status status =
		r.rings && r.packet_rings ? open_listeners(o, &r) : EXIT_STATUS_INTERNAL;
	if (status == EXIT_STATUS_OK)
		status = open_metrics(&o->daemon.metrics.listen, &r);
	int code = status == EXIT_STATUS_OK ? open_memory(&r) : OK;
	if (status == EXIT_STATUS_OK && code == OK)
		code = open_packet_memory(&r);
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
	free_rings(r->rings, r->workers);
	free_rings(r->packet_rings, r->packet_workers);
	free(r->listeners);
	memory_close(&r->dns_stats);
	memory_close(&r->record_stats);
	memory_close(&r->packet_stats);
	memory_close(&r->learned);
	cleanup_fd(&r->metrics_listener);
	*r = resources_none();
}
