/* gate.h - the core of the DNS gate with options, policy and answers of an upstream, for tests. */
#pragma once

#include "base/timestamp.h"
#include "gate/dns/core.h"
#include "tests/gate_dns/fixture.h"
#include "tests/test.h"

enum { ROOM = 65535 };

struct gate {
	struct arena arena;
	struct dns_options options;
	struct buffer image;
	struct policy policy;
	struct dns_stats stats;
	struct dns_core *core;
	struct dns_moment now;
	uint8_t packet[512], room[ROOM], upstream[4096];
};

/* What an answer says. */
struct said {
	struct dns_header header;
	uint16_t rcode;
	struct dns_edns edns;
	struct dns_record first[DNS_SECTIONS]; /* of each section */
	uint16_t records[DNS_SECTIONS];        /* without OPT */
};

/* With the policy of that organisation. */
static inline struct gate *gate_of(const char *options, const char *organisation)
{
	struct gate *g = calloc(1, sizeof(*g));
	assert_non_null(g);
	arena_init(&g->arena, 0);
	fixture_options(options, &g->arena, &g->options);
	fixture_compile(organisation, (struct view){0}, &g->image);
	assert_int_equal(policy_open(buffer_view(&g->image), &g->policy), OK);
	g->now = (struct dns_moment){FIXTURE_NOW_US, 1000 * SECOND_US};
	struct dns_core_setup setup = {.options = &g->options,
	                               .policy = &g->policy,
	                               .stats = &g->stats,
	                               .cache_size = 1 << 20,
	                               .seed = 5};
	assert_int_equal(dns_core_new(&setup, &g->core), OK);
	return g;
}

static inline struct gate *gate_new(const char *options, const char *ech, const char *mode)
{
	char organisation[2048];
	(void)snprintf(organisation, sizeof(organisation), fixture_organisation, ech, mode);
	return gate_of(options, organisation);
}

static inline void gate_free(struct gate *g)
{
	dns_core_free(g->core);
	buffer_done(&g->image);
	arena_done(&g->arena);
	free(g);
}
DEFINE_CLEANUP(gate, struct gate *, gate_free);

static inline struct said understand(struct gate *g, int size)
{
	struct said said = {0};
	struct view message = view_of(g->room, (size_t)size);
	struct dns_walk w;
	struct dns_record r;
	assert_true(size > 0);
	assert_int_equal(dns_walk_open(message, &w), OK);
	said.header = w.header;
	int more;
	while ((more = dns_walk_next(&w, &r)) > 0) {
		if (r.type == DNS_TYPE_OPT) {
			assert_int_equal(dns_edns_parse(r.class, r.ttl, r.rdata, &said.edns), OK);
			continue;
		}
		if (said.records[r.section]++ == 0)
			said.first[r.section] = r;
	}
	assert_int_equal(more, 0);
	assert_true(said.header.flags & DNS_FLAG_QR);
	said.rcode = (uint16_t)((said.header.flags & DNS_FLAGS_RCODE) | said.edns.rcode_high << 4);
	return said;
}

static inline int ask_packet(struct gate *g, const char *client, enum dns_transport transport,
                             struct view packet)
{
	struct dns_client c = {.address = fixture_address(client), .transport = transport};
	struct dns_query query;
	return dns_core_query(g->core, packet, &c, &g->now, &query, g->room, ROOM);
}

static inline int ask(struct gate *g, const char *client, const char *name, uint16_t type)
{
	return ask_packet(g, client, DNS_OVER_UDP,
	                  fixture_query(g->packet, name, type, 77, FIXTURE_EDNS));
}

/* The query goes to the upstream, which says this; returns the answer to the client. */
static inline int resolve(struct gate *g, const char *client, const char *name, uint16_t type,
                          const struct fixture_record *records, size_t count)
{
	struct view packet = fixture_query(g->packet, name, type, 77, FIXTURE_EDNS);
	struct dns_client c = {.address = fixture_address(client)};
	struct dns_query query;
	assert_int_equal(dns_core_query(g->core, packet, &c, &g->now, &query, g->room, ROOM),
	                 DNS_CORE_ASK);
	struct upstream_answer answer = {
		.packet = fixture_answer(g->upstream, packet, records, count)};
	struct dns_question question = {.name = query.name, .type = type, .class = 1};
	const struct known *known = dns_core_learn(g->core, &question, &answer, &g->now);
	return dns_core_finish(g->core, known, &query, &c, &g->now, g->room, ROOM);
}

/* A query whose OPT record has these options. */
static inline struct view query_with(struct gate *g, const char *name, uint16_t type,
                                     struct view options)
{
	struct view plain = fixture_query(g->packet, name, type, 77, FIXTURE_EDNS);
	struct writer w = writer_open(g->packet, sizeof(g->packet));
	w.at += plain.size - 2; /* up to RDLENGTH */
	write_u16(&w, (uint16_t)options.size);
	write_view(&w, options);
	assert_false(w.failed);
	return view_of(g->packet, writer_size(&w));
}

#define OPTIONS(text) view_of(text, sizeof(text) - 1)
