/* scene.h - the packet gate's core between a client and a server, for tests: they speak, it judges.
 *
 * The policy is that of tests/gate_dns/fixture.h: banned.example and 198.51.100.7 are prohibited, 192.0.2.99 is
 * exempt. */
#pragma once

#include <stdlib.h>

#include "base/timestamp.h"
#include "gate/packet/core.h"
#include "tests/gate_dns/fixture.h"
#include "tests/gate_packet/hello.h"
#include "wire/packet_build.h"

enum { SCENE_EVENTS = 16 };

struct scene {
	struct arena arena;
	struct packet_options options;
	struct dns_options dns;
	struct buffer image;
	struct policy policy;
	struct packet_stats stats;
	struct watched *watched;
	struct packet_core *core;
	struct packet_now now;
	struct event_record events[SCENE_EVENTS];
	size_t event_count;
	/* the packet in hand, and what the core said of it */
	uint8_t packet[2048];
	size_t packet_size;
	struct packet_decision decision;
};

static inline void scene_event(void *context, const struct event_record *event,
                               const struct flow_key *key, const struct flow_claim *claim)
{
	struct scene *s = context;
	(void)key, (void)claim;
	if (s->event_count < SCENE_EVENTS)
		s->events[s->event_count++] = *event;
}

static inline void scene_options(const char *yaml, struct arena *a, struct packet_options *ret)
{
	struct problems problems = {0};
	if (schema_read(&packet_options_schema, "packet.yaml", view_text(yaml), a, &problems, ret) <
	    0) {
		fixture_show(&problems);
		abort();
	}
	problems_done(&problems);
}

/* `mode` of the adoption: enforce or observe. */
static inline void scene_open(struct scene *s, const char *options, const char *mode,
                              const struct learned *learned)
{
	*s = (struct scene){.now = {FIXTURE_NOW_US, 1000 * SECOND_US}};
	arena_init(&s->arena, 0);
	scene_options(options, &s->arena, &s->options);
	fixture_options("", &s->arena, &s->dns);
	fixture_image("keep", mode, &s->image);
	if (policy_open(buffer_view(&s->image), &s->policy) < 0 || watched_new(1, &s->watched) < 0)
		abort();
	struct packet_core_setup setup = {.options = &s->options,
	                                  .block = &s->dns.block,
	                                  .cores = 1,
	                                  .policy = &s->policy,
	                                  .stats = &s->stats,
	                                  .watched = s->watched,
	                                  .learned = learned,
	                                  .on_event = scene_event,
	                                  .context = s,
	                                  .seed = 7};
	if (packet_core_new(&setup, &s->core) < 0)
		abort();
}

static inline void scene_close(struct scene *s)
{
	packet_core_free(s->core);
	watched_free(s->watched);
	buffer_done(&s->image);
	arena_done(&s->arena);
}

/* Hands over what lies in s->packet. */
static inline struct packet_decision *scene_take(struct scene *s)
{
	struct flow_packet p = {.bytes = view_of(s->packet, s->packet_size),
	                        .now_us = s->now.steady_us};
	s->now.steady_us += 1000;
	s->now.wall_us += 1000;
	packet_core_take(s->core, &p, &s->now, &s->decision);
	return &s->decision;
}

/* A TCP connection. */
struct talk {
	struct scene *scene;
	struct packet_ends to_server, to_client;
	uint32_t client_next, server_next;
};

static inline struct packet_decision *talk_say(struct talk *t, bool is_client, uint8_t flags,
                                               struct view payload)
{
	struct packet_tcp tcp = {.sequence = is_client ? t->client_next : t->server_next,
	                         .acknowledged = is_client ? t->server_next : t->client_next,
	                         .flags = flags,
	                         .window = 64240};
	if (!(flags & TCP_ACK))
		tcp.acknowledged = 0;
	struct scene *s = t->scene;
	s->packet_size = packet_build_tcp(is_client ? &t->to_server : &t->to_client, &tcp, payload,
	                                  s->packet, sizeof(s->packet));
	assert(s->packet_size);
	uint32_t *next = is_client ? &t->client_next : &t->server_next;
	*next += (uint32_t)payload.size + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
	return scene_take(s);
}

static inline struct packet_decision *talk_client(struct talk *t, struct view payload)
{
	return talk_say(t, true, TCP_ACK | TCP_PSH, payload);
}

static inline struct packet_decision *talk_server(struct talk *t, struct view payload)
{
	return talk_say(t, false, TCP_ACK | TCP_PSH, payload);
}

/* A socket's two ends. */
static inline void talk_ends(struct talk *t, const char *client, uint16_t client_port,
                             const char *server, uint16_t server_port)
{
	t->to_server = (struct packet_ends){.source = fixture_address(client),
	                                    .destination = fixture_address(server),
	                                    .source_port = client_port,
	                                    .destination_port = server_port};
	t->to_client = (struct packet_ends){.source = t->to_server.destination,
	                                    .destination = t->to_server.source,
	                                    .source_port = server_port,
	                                    .destination_port = client_port};
}

/* Connected, with nothing said. */
static inline struct talk talk_open(struct scene *s, const char *client, uint16_t client_port,
                                    const char *server, uint16_t server_port)
{
	struct talk t = {.scene = s, .client_next = 0xfffffff0, .server_next = 5000};
	talk_ends(&t, client, client_port, server, server_port);
	struct view none = {0};
	(void)talk_say(&t, true, TCP_SYN, none);
	(void)talk_say(&t, false, TCP_SYN | TCP_ACK, none);
	(void)talk_say(&t, true, TCP_ACK, none);
	return t;
}

/* A datagram of the client's. */
static inline struct packet_decision *talk_datagram(struct talk *t, struct view payload)
{
	struct scene *s = t->scene;
	s->packet_size = packet_build_udp(&t->to_server, payload, s->packet, sizeof(s->packet));
	assert(s->packet_size);
	return scene_take(s);
}

/* What the core sends: the i-th packet of it, well-formed. */
static inline struct tcp_segment scene_reply(const struct scene *s, size_t i, bool is_to_client)
{
	struct ip_packet ip;
	struct tcp_segment tcp = {0};
	assert(i < s->decision.reply_count);
	assert(s->decision.replies[i].is_to_client == is_to_client);
	int r = ip_parse(s->decision.replies[i].bytes, &ip);
	assert(r == OK && tcp_is_sum_right(&ip));
	r = tcp_parse(ip.payload, &tcp);
	assert(r == OK);
	(void)r;
	return tcp;
}
