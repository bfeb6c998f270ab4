#include "gate/dns/relay.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "net/listen.h"
#include "net/stream.h"
#include "net/udp_batch.h"
#include "wire/dns_edns.h"
#include "wire/dns_query.h"
#include "wire/dns_reply.h"

enum {
	RECENT_ROWS = 1024, /* a power of two */
	PORT_TRIES = 16,
	IDLE_S = 3600, /* libunbound closes what it does not need */
};
#define RECENT_US (1 * SECOND_US)

/* A question under way, by its token. */
struct relayed {
	struct stream_peer peer;
	uint32_t stream;
	uint64_t key; /* in the table of recent ones */
	uint16_t id, flags;
	uint16_t question_size;
	uint8_t question[DNS_QUESTION_SIZE_MAX]; /* as it was written */
};

/* What became of a question lately. */
struct recent {
	uint64_t key;
	int64_t until_us;
	uint32_t places; /* of those who answered */
	uint32_t failed; /* bits, by CD */
};

struct relay {
	struct relay_setup setup;
	struct endpoint at;
	uv_poll_t *udp_poll; /* frees itself with the loop */
	struct udp_batch *udp_batch;
	struct udp_source udp;
	struct stream_server *tcp;
	struct relayed *questions;
	uint32_t *free_tokens; /* a stack */
	uint32_t free_count;
	struct recent recent[RECENT_ROWS];
	uint8_t room[DNS_MESSAGE_SIZE_MAX];
};

/* Its row; that of another question when nothing of this one is known. */
static struct recent *recent_of(struct relay *r, uint64_t key)
{
	return &r->recent[key & (RECENT_ROWS - 1)];
}

static bool is_recent(const struct recent *row, uint64_t key)
{
	return row->key == key && clock_monotonic_us() < row->until_us;
}

static void remember(struct relay *r, const struct relayed *q, const struct upstream_answer *answer,
                     bool is_good)
{
	struct recent *row = recent_of(r, q->key);
	if (!is_recent(row, q->key))
		*row = (struct recent){.key = q->key};
	if (is_good)
		row->places |= 1U << answer->place;
	else
		row->failed |= q->flags & DNS_FLAG_CD ? 2U : 1U;
	row->until_us = clock_monotonic_us() + RECENT_US;
}

static size_t write_failure(const struct dns_query *q, uint8_t *room)
{
	return dns_reply_error(&(struct dns_reply){q, NULL}, DNS_RCODE_SERVFAIL, DNS_REPLY_NO_EDE,
	                       NULL, room, SESSION_ANSWER_SIZE_MAX);
}

static int refuse(struct relay *r, const struct dns_query *q, uint8_t *room)
{
	dns_count(r->setup.stats, DNS_RELAY_REFUSED);
	return (int)write_failure(q, room);
}

static void forward(struct relay *r, unsigned group, const struct dns_query *query,
                    const struct stream_peer *peer, uint32_t stream, uint64_t key)
{
	const struct recent *row = recent_of(r, key);
	uint32_t token = r->free_tokens[--r->free_count];
	struct relayed *q = &r->questions[token];
	*q = (struct relayed){.peer = *peer,
	                      .stream = stream,
	                      .key = key,
	                      .id = query->id,
	                      .flags = query->flags,
	                      .question_size = (uint16_t)query->question.size};
	memcpy(q->question, query->question.bytes, query->question.size);
	struct forward_ask what = {.group = group,
	                           .name = &query->name,
	                           .type = query->type,
	                           .is_unchecked = query->flags & DNS_FLAG_CD,
	                           .avoided = is_recent(row, key) ? row->places : 0};
	forwarder_ask(r->setup.forwarder, &what, r->setup.first_token + token);
}

static int answer_here(struct relay *r, const struct dns_query *q, uint8_t *room)
{
	struct dns_question question = {.name = q->name, .type = q->type, .class = q->class};
	int size = zones_answer(r->setup.zones, &question, room, SESSION_ANSWER_SIZE_MAX);
	if (size <= 0)
		return refuse(r, q, room);
	room[0] = (uint8_t)(q->id >> 8);
	room[1] = (uint8_t)q->id;
	memcpy(room + DNS_HEADER_SIZE, q->question.bytes, q->question.size);
	return size;
}

static int on_query(void *context, const struct stream_peer *peer, uint32_t stream,
                    struct view packet, uint8_t room[static SESSION_ANSWER_SIZE_MAX])
{
	struct relay *r = context;
	struct dns_query q;
	unsigned group;
	enum dns_query_verdict verdict = dns_query_parse(packet, &q);
	if (verdict == DNS_QUERY_DROP)
		return 0;
	if (verdict != DNS_QUERY_OK || q.class != DNS_CLASS_IN)
		return refuse(r, &q, room);
	enum zone_way way = zones_relay_way(r->setup.zones, &q.name, q.type, &group);
	if (way == ZONE_HERE)
		return answer_here(r, &q, room);
	uint64_t key = hash_bytes(q.name.bytes, q.name.size, r->setup.seed ^ q.type) | 1;
	const struct recent *row = recent_of(r, key);
	if (is_recent(row, key) && row->failed >> !!(q.flags & DNS_FLAG_CD) & 1)
		return (int)write_failure(&q, room);
	if (way != ZONE_FORWARDER || r->free_count == 0)
		return refuse(r, &q, room);
	forward(r, group, &q, peer, stream, key);
	return SESSION_LATER;
}

/* Whether it says what there is: all else is the same to libunbound, and says SERVFAIL. */
static bool is_good(const struct upstream_answer *answer, const struct relayed *q)
{
	struct dns_header header;
	if (answer->packet.size < DNS_HEADER_SIZE + (size_t)q->question_size ||
	    dns_header_parse(answer->packet, &header) < 0)
		return false;
	uint16_t rcode = header.flags & DNS_FLAGS_RCODE;
	return rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN;
}

/* The same message as if it answered the question that was asked here. */
static size_t write_answer(struct relay *r, const struct relayed *q, struct view packet)
{
	uint16_t rcode = packet.bytes[3] & DNS_FLAGS_RCODE;
	uint16_t flags = (uint16_t)(DNS_FLAG_QR | DNS_FLAG_RA |
	                            (q->flags & (DNS_FLAG_RD | DNS_FLAG_CD)) | rcode);
	memcpy(r->room, packet.bytes, packet.size);
	struct writer w = writer_open(r->room, DNS_HEADER_SIZE);
	write_u16(&w, q->id);
	write_u16(&w, flags);
	memcpy(r->room + DNS_HEADER_SIZE, q->question, q->question_size);
	return packet.size;
}

void relay_answered(struct relay *r, uint32_t token, const struct upstream_answer *answer)
{
	uint32_t own = token - r->setup.first_token;
	const struct relayed *q = &r->questions[own];
	const struct dns_query asked = {
		.id = q->id, .flags = q->flags, .question = view_of(q->question, q->question_size)};
	bool good = is_good(answer, q);
	size_t size = good ? write_answer(r, q, answer->packet) : write_failure(&asked, r->room);
	remember(r, q, answer, good);
	r->free_tokens[r->free_count++] = own;
	stream_server_answer(r->tcp, q->peer.connection, q->peer.generation, q->stream,
	                     view_of(r->room, size));
}

/* The query itself, marked as an answer that did not fit. */
static size_t truncated(struct view query, uint8_t *room, size_t room_size)
{
	struct dns_query q;
	if (query.size > room_size || dns_query_parse(query, &q) != DNS_QUERY_OK)
		return 0;
	memcpy(room, query.bytes, query.size);
	struct writer w = writer_open(room + 2, 2);
	write_u16(&w, q.flags | DNS_FLAG_QR | DNS_FLAG_TC | DNS_FLAG_RA);
	return query.size;
}

static void on_datagrams(uv_poll_t *poll, int status, int events)
{
	struct relay *r = poll->data;
	struct datagram batch[UDP_BATCH];
	(void)status, (void)events;
	int count = r->udp.base.receive(&r->udp.base, batch);
	for (int i = 0; i < count; i++)
		batch[i].answer_size = truncated(batch[i].query, batch[i].room, batch[i].room_size);
	if (count > 0)
		(void)r->udp.base.send(&r->udp.base, batch, count);
}

static bool admits(void *context, const struct endpoint *from)
{
	struct relay *r = context;
	return r->setup.knows(r->setup.context, from, &r->at);
}

static void on_event(void *context, enum stream_event event)
{
	struct relay *r = context;
	if (event == STREAM_TURNED_AWAY)
		dns_count(r->setup.stats, DNS_RELAY_REFUSED);
}

/* Making. */

static int open_tcp(struct relay *r, int fd)
{
	static const struct session_kind *const kinds[] = {&session_dns, NULL};
	/* while libunbound has given one up that is not closed here yet, it opens another */
	uint32_t connections = 2 * relay_connections(r->setup.questions_max);
	struct stream_setup setup = {.loop = r->setup.loop,
	                             .connections_max = connections,
	                             .connections_per_client = connections,
	                             .idle_us = IDLE_S * SECOND_US,
	                             .seed = r->setup.seed,
	                             .kinds = kinds,
	                             .admits = admits,
	                             .query = on_query,
	                             .count = on_event,
	                             .context = r};
	int code = stream_server_new(&setup, &r->tcp);
	return code < 0 ? code : stream_server_listen(r->tcp, fd);
}

/* Takes the socket, also on failure. */
static int open_udp(struct relay *r, int fd)
{
	int code = udp_batch_new(&r->udp_batch);
	if (code == OK)
		code = udp_source_open(r->udp_batch, fd, &r->udp);
	uv_poll_t *poll = code == OK ? calloc(1, sizeof(*poll)) : NULL;
	if (code == OK && !poll)
		code = -ENOMEM;
	if (code == OK)
		code = uv_poll_init(r->setup.loop, poll, fd);
	if (code < 0) {
		close(fd);
		free(poll);
		return code;
	}
	poll->data = r;
	r->udp_poll = poll;
	return uv_poll_start(poll, UV_READABLE, on_datagrams);
}

/* The same port for both: a port that is free for one may not be for the other. */
static int open_ports(struct endpoint *at, int *ret_udp, int *ret_tcp)
{
	static const struct listen_options options;
	int code = -EADDRINUSE;
	for (int i = 0; i < PORT_TRIES && code == -EADDRINUSE; i++) {
		at->port = 0;
		code = listen_open(at, LISTEN_TCP, &options, 1, ret_tcp);
		if (code == OK)
			code = listen_endpoint(*ret_tcp, at);
		if (code == OK)
			code = listen_open(at, LISTEN_UDP, &options, 1, ret_udp);
		if (code < 0)
			cleanup_fd(ret_tcp);
	}
	return code;
}

static int open_sockets(struct relay *r)
{
	cleanup(fd) int tcp = -1;
	int udp = -1;
	r->at = (struct endpoint){.family = ADDRESS_V4, .bytes = {127, 0, 0, 1}};
	int code = open_ports(&r->at, &udp, &tcp);
	if (code == OK)
		code = open_udp(r, udp);
	return code < 0 ? code : open_tcp(r, tcp);
}

static int make_tables(struct relay *r)
{
	r->questions = calloc(r->setup.questions_max, sizeof(r->questions[0]));
	r->free_tokens = calloc(r->setup.questions_max, sizeof(r->free_tokens[0]));
	if (!r->questions || !r->free_tokens)
		return -ENOMEM;
	for (; r->free_count < r->setup.questions_max; r->free_count++)
		r->free_tokens[r->free_count] = r->free_count;
	return OK;
}

int relay_new(const struct relay_setup *setup, struct relay **ret)
{
	cleanup(relay) struct relay *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->setup = *setup;
	int code = make_tables(r);
	if (code == OK)
		code = open_sockets(r);
	if (code < 0)
		return code;
	*ret = take_ptr(r);
	return OK;
}

static void on_poll_closed(uv_handle_t *poll)
{
	free(poll);
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	stream_server_close(r->tcp);
	if (r->udp_poll) {
		uv_close((uv_handle_t *)r->udp_poll, on_poll_closed);
		close(r->udp.base.fd);
	}
	udp_batch_free(r->udp_batch);
	free(r->questions);
	free(r->free_tokens);
	free(r);
}

struct endpoint relay_endpoint(const struct relay *r)
{
	return r->at;
}
