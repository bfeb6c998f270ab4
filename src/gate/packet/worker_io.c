#include <errno.h>

#include "gate/packet/worker_internal.h"

enum {
	COPY_SIZE = 0xffff, /* whole packets: what is not seen cannot be judged */
	SOCKET_BUFFER = 4 << 20,
	CAPTURE_MEMORY = 16 << 20,
	ENDS_BUFFER = 1 << 20,
};

static int open_queue(struct packet_worker *w, const struct packet_options *o)
{
	struct nfqueue_settings settings = {
		.number = (uint16_t)(o->first_queue + w->setup.index),
		.length = (uint32_t)o->queue_length,
		.copy_size = COPY_SIZE,
		.socket_buffer = SOCKET_BUFFER,
		.is_open_when_full = o->failure == PACKET_FAIL_OPEN,
	};
	int r = nfqueue_open(&settings, &w->queue);
	w->source_count = r >= 0;
	/* our own rules let a packet with this mark be */
	uint32_t own = packet_mark_bits((uint32_t)o->mark, PACKET_MARK_RELEASED);
	return r < 0 ? r : packet_sender_open(own, &w->sender);
}

static int open_captures(struct packet_worker *w, const struct packet_options *o)
{
	int r = o->interfaces.count ? OK : ERR_MISSING;
	size_t memory = CAPTURE_MEMORY;
	for (size_t i = 0; r >= 0 && i < o->interfaces.count && i < WORKER_SOURCES_MAX; i++) {
		const char *name = ((const char *const *)o->interfaces.items)[i];
		r = packet_capture_open(name, memory, &w->captures[i]);
		w->source_count += r >= 0;
	}
	return r;
}

int worker_open(struct packet_worker *w)
{
	const struct packet_options *o = w->setup.core.options;
	w->sender = (struct packet_sender){-1, -1, -1};
	w->bridged.seed = w->setup.core.seed;
	if (o->mode == PACKET_PASSIVE)
		return open_captures(w, o);
	int r = open_queue(w, o);
	if (r < 0 || !w->setup.hears_ends)
		return r;
	return conntrack_open(packet_mark_bits((uint32_t)o->mark, PACKET_MARK_COUNTED), ENDS_BUFFER,
	                      &w->ends);
}

void worker_close(struct packet_worker *w)
{
	conntrack_close(w->ends);
	packet_sender_close(&w->sender);
	nfqueue_close(w->queue);
	for (unsigned i = 0; i < WORKER_SOURCES_MAX; i++)
		packet_capture_close(w->captures[i]);
}

int worker_source_fd(const struct packet_worker *w, unsigned source)
{
	return w->queue ? nfqueue_fd(w->queue) : packet_capture_fd(w->captures[source]);
}

/* Through a bridge: back to where the packet came from, else to where the server was heard. */
static int send_bridged(struct packet_worker *w, const struct nfqueue_packet *p, bool is_back,
                        struct view bytes)
{
	if (is_back)
		return packet_send_to_port(&w->sender, bytes, p->in_port, p->hardware_address);
	const struct bridge_way *way = bridge_ways_find(&w->bridged, bytes);
	return way ? packet_send_to_port(&w->sender, bytes, way->port,
	                                 view_of(way->hardware, way->hardware_size))
	           : -EHOSTUNREACH;
}

/* Back to who sent the packet, or on the way that it was going. */
static void send_reply(struct packet_worker *w, const struct nfqueue_packet *p, bool is_back,
                       struct view bytes)
{
	int r = p->in_port ? send_bridged(w, p, is_back, bytes)
	                   : packet_send(&w->sender, bytes,
	                                 is_back ? p->in_interface : p->out_interface);
	if (r < 0)
		packet_count(w->setup.core.stats, PACKET_SEND_FAILED);
}

/* The first that goes the packet's own way takes its place: no other way is as sure. */
static struct view send_replies(struct packet_worker *w, const struct nfqueue_packet *p,
                                const struct packet_decision *d)
{
	struct view in_place = {0};
	for (size_t i = 0; i < d->reply_count; i++) {
		const struct packet_reply *reply = &d->replies[i];
		bool is_back = reply->is_to_client == d->is_from_client;
		if (!is_back && !in_place.size && !p->is_joined)
			in_place = reply->bytes;
		else
			send_reply(w, p, is_back, reply->bytes);
	}
	return in_place;
}

/* As the kernel knows it: a client cannot say so of itself. */
static bool is_reply(const struct packet_worker *w, const struct nfqueue_packet *p)
{
	uint32_t reply =
		packet_mark_bits((uint32_t)w->setup.core.options->mark, PACKET_MARK_QUEUED_REPLY);
	return (p->mark & reply) == reply;
}

struct flow_packet worker_packet(const struct packet_worker *w, const struct nfqueue_packet *p,
                                 int64_t now_us)
{
	uint32_t mask = (uint32_t)w->setup.core.options->mark;
	uint32_t awaited = packet_mark_bits(mask, PACKET_MARK_COUNTED);
	return (struct flow_packet){.bytes = p->bytes,
	                            .now_us = now_us,
	                            .checksum_is_open = p->checksum_is_open,
	                            .is_reply = is_reply(w, p),
	                            .is_awaited = (p->mark & awaited) != 0};
}

/* What is dropped and has a mark is accepted with it: the rule that marks the connection drops it. */
void worker_decide(struct packet_worker *w, const struct nfqueue_packet *p,
                   const struct packet_decision *d)
{
	uint32_t mask = (uint32_t)w->setup.core.options->mark;
	if (p->in_port && is_reply(w, p))
		bridge_ways_learn(&w->bridged, p->bytes, p->in_port, p->hardware_address);
	struct view in_place = send_replies(w, p, d);
	bool is_dropped = d->is_dropped && !d->mark && !in_place.size;
	bool is_answered = d->is_dropped && d->mark == PACKET_MARK_OPEN && !in_place.size;
	nfqueue_decide(w->queue, p->id, is_dropped ? NFQUEUE_DROP : NFQUEUE_ACCEPT,
	               packet_mark_put(mask, p->mark, is_answered ? PACKET_MARK_ANSWERED : d->mark),
	               in_place);
}

static int64_t sum_of(uint64_t bytes)
{
	return bytes < (uint64_t)EVENT_SUM_MAX ? (int64_t)bytes : EVENT_SUM_MAX;
}

struct packet_carried worker_carried(const struct conntrack_end *end)
{
	int64_t took_us = end->started_us && end->ended_us > end->started_us
	                          ? end->ended_us - end->started_us
	                          : 0;
	return (struct packet_carried){.bytes_up = sum_of(end->bytes_up),
	                               .bytes_down = sum_of(end->bytes_down),
	                               .duration_us = took_us < EVENT_SUM_MAX ? took_us : 0};
}

static void count_captures(struct packet_worker *w)
{
	uint64_t dropped = 0;
	for (unsigned i = 0; i < w->source_count; i++)
		dropped += packet_capture_dropped(w->captures[i]);
	packet_count_set(w->setup.core.stats, PACKET_QUEUE_DROPPED, dropped);
}

static void count_queue(struct packet_worker *w)
{
	struct packet_stats *stats = w->setup.core.stats;
	struct nfqueue_state state;
	packet_count_set(stats, PACKET_QUEUE_LOST, nfqueue_counts(w->queue)->lost);
	if (nfqueue_state(w->queue, &state) < 0)
		return;
	packet_count_set(stats, PACKET_QUEUE_WAITING, state.waiting);
	packet_count_set(stats, PACKET_QUEUE_DROPPED, state.dropped);
}

void worker_count(struct packet_worker *w)
{
	if (w->queue)
		count_queue(w);
	else
		count_captures(w);
	if (w->ends)
		packet_count_set(w->setup.core.stats, PACKET_ENDS_LOST, conntrack_lost(w->ends));
}
