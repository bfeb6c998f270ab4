#include "gate/packet/core_internal.h"

enum { WINDOW = 0xffff };

/* What each end of the connection waits for next. */
struct waited {
	bool has_client, has_server;
	uint32_t client, server; /* the number with which its next byte begins */
	uint32_t client_sent;    /* behind the last byte of the client's that counts */
	bool has_bytes;          /* the packet */
	bool is_end;             /* the client has ended its side with it */
};

static struct packet_ends ends_of(const struct flow_key *key, bool is_to_client)
{
	struct packet_ends to_server = {.source = key->client,
	                                .destination = key->server,
	                                .source_port = key->client_port,
	                                .destination_port = key->server_port};
	struct packet_ends to_client = {.source = key->server,
	                                .destination = key->client,
	                                .source_port = key->server_port,
	                                .destination_port = key->client_port};
	return is_to_client ? to_client : to_server;
}

static void add_reply(struct packet_decision *ret, bool is_to_client, const uint8_t *bytes,
                      size_t size)
{
	if (size == 0)
		return;
	ret->replies[ret->reply_count].is_to_client = is_to_client;
	ret->replies[ret->reply_count].bytes = view_of(bytes, size);
	ret->reply_count++;
}

static void add_segment(struct packet_core *core, const struct flow_key *key, bool is_to_client,
                        const struct packet_tcp *tcp, struct view payload,
                        struct packet_decision *ret)
{
	if (ret->reply_count == PACKET_REPLIES_MAX)
		return;
	struct packet_ends ends = ends_of(key, is_to_client);
	uint8_t *room = core->replies[ret->reply_count];
	add_reply(ret, is_to_client, room,
	          packet_build_tcp(&ends, tcp, payload, room, REPLY_SIZE_MAX));
}

/* The packet in hand goes to nobody, so who would have had it still waits for its first byte; and it says itself
 * what its sender waits for. */
static void read_segment(const struct tcp_segment *tcp, const struct flow_outcome *o,
                         struct waited *w)
{
	uint32_t end = tcp->sequence + (uint32_t)tcp->payload.size + !!(tcp->flags & TCP_SYN) +
	               !!(tcp->flags & TCP_FIN);
	bool has_ack = tcp->flags & TCP_ACK;
	w->has_bytes = tcp->payload.size;
	if (o->is_from_client) {
		w->has_client = has_ack;
		w->client = tcp->acknowledged;
		w->has_server = !(tcp->flags & TCP_SYN);
		w->server = tcp->sequence;
		w->client_sent = end;
		w->is_end = tcp->flags & TCP_FIN;
	} else {
		w->has_client = true;
		w->client = tcp->sequence;
		w->has_server = has_ack;
		w->server = tcp->acknowledged;
		w->client_sent = tcp->acknowledged;
	}
}

static struct waited waited_of(const struct packet_core *core, const struct flow_outcome *o)
{
	struct ip_packet ip;
	struct tcp_segment tcp;
	struct waited w = {.has_client = o->has_sequence,
	                   .has_server = o->has_sequence,
	                   .client = o->server_next,
	                   .server = o->client_next,
	                   .client_sent = o->client_next};
	if (ip_parse(core->turn.packet->bytes, &ip) == OK && !ip.is_fragment &&
	    ip.protocol == IP_TCP && tcp_parse(ip.payload, &tcp) == OK)
		read_segment(&tcp, o, &w);
	return w;
}

static bool is_tcp(const struct flow_outcome *o)
{
	return o->has_key && o->key.protocol == FLOW_TCP;
}

static void reset_server(struct packet_core *core, const struct flow_outcome *o, uint32_t sequence,
                         const struct waited *w, struct packet_decision *ret)
{
	struct packet_tcp reset = {.sequence = sequence,
	                           .acknowledged = w->has_client ? w->client : 0,
	                           .flags = TCP_RST | (w->has_client ? TCP_ACK : 0)};
	add_segment(core, &o->key, false, &reset, (struct view){0}, ret);
}

/* A server takes only a reset that begins where it waits (RFC 9293 s3.10.7.4). That is at this packet, unless
 * another was dropped before it or it came out of order: then behind what it has had. */
static void reset_servers(struct packet_core *core, const struct flow_outcome *o,
                          const struct waited *w, struct packet_decision *ret)
{
	if (!w->has_server)
		return;
	reset_server(core, o, w->server, w, ret);
	if (o->has_sequence && o->client_next != w->server)
		reset_server(core, o, o->client_next, w, ret);
}

static void reset_client(struct packet_core *core, const struct flow_outcome *o,
                         const struct waited *w, struct packet_decision *ret)
{
	/* to one that has heard nothing yet its own number is the proof (RFC 9293 s3.10.7.3) */
	struct packet_tcp reset = {.sequence = w->has_client ? w->client : 0,
	                           .acknowledged = w->client_sent,
	                           .flags = TCP_RST | TCP_ACK};
	add_segment(core, &o->key, true, &reset, (struct view){0}, ret);
}

void core_reply_reset(struct packet_core *core, const struct flow_outcome *o,
                      struct packet_decision *ret)
{
	if (!is_tcp(o))
		return;
	struct waited w = waited_of(core, o);
	reset_client(core, o, &w, ret);
	reset_servers(core, o, &w, ret);
	packet_count(core->setup.stats, PACKET_RESETS);
}

static void answer_tcp(struct packet_core *core, const struct flow_outcome *o,
                       struct packet_decision *ret)
{
	struct waited w = waited_of(core, o);
	struct view rest = view_of(core->answer, core->turn.answer_size);
	struct packet_tcp tcp = {
		.sequence = w.client, .acknowledged = w.client_sent, .window = WINDOW};
	while (rest.size) {
		struct view part = rest;
		if (part.size > SEGMENT_SIZE_MAX)
			part.size = SEGMENT_SIZE_MAX;
		rest = view_skip(rest, part.size);
		tcp.flags = TCP_ACK | TCP_PSH | (rest.size ? 0 : TCP_FIN);
		add_segment(core, &o->key, true, &tcp, part, ret);
		tcp.sequence += (uint32_t)part.size;
	}
	reset_servers(core, o, &w, ret);
}

void core_reply_answer(struct packet_core *core, const struct flow_outcome *o,
                       struct packet_decision *ret)
{
	if (is_tcp(o)) {
		answer_tcp(core, o, ret);
		return;
	}
	struct packet_ends ends = ends_of(&o->key, true);
	struct view payload = view_of(core->answer, core->turn.answer_size);
	add_reply(ret, true, core->replies[0],
	          packet_build_udp(&ends, payload, core->replies[0], REPLY_SIZE_MAX));
}

void core_reply_end(struct packet_core *core, const struct flow_outcome *o,
                    struct packet_decision *ret)
{
	if (!is_tcp(o) || !o->is_from_client)
		return;
	struct waited w = waited_of(core, o);
	/* the same bytes again: our answer was lost, and is not kept */
	if (w.has_bytes && o->has_sequence && w.server == o->client_next) {
		core_reply_reset(core, o, ret);
		return;
	}
	struct packet_tcp end = {.sequence = w.client,
	                         .acknowledged = w.client_sent,
	                         .flags = TCP_ACK,
	                         .window = WINDOW};
	if (w.is_end && w.has_client)
		add_segment(core, &o->key, true, &end, (struct view){0}, ret);
}
