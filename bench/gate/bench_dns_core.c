/* bench_dns_core.c - what one query costs in the DNS gate, without sockets.
 *
 * usage: bench_dns_core [LISTED]        default: 1000000
 *
 * A policy of LISTED names, a cache of CACHED answers. The names are made here and are the same in every
 * run; queries come in an order that the processor's caches cannot foresee. */
#include <inttypes.h>

#include "base/clock.h"
#include "gate/dns/core.h"
#include "tests/gate_dns/fixture.h"

enum { CACHED = 20000, ROUNDS = 20, QUERY_SIZE = 128 };

struct bench {
	struct arena arena;
	struct dns_options options;
	struct buffer image;
	struct policy policy;
	struct dns_stats stats;
	struct dns_core *core;
	struct dns_moment now;
	uint8_t room[1232];
};

struct packet {
	size_t size;
	uint8_t bytes[QUERY_SIZE];
};

static const char organisation[] =
	"organisation: bench\n"
	"name: Bench\n"
	"jurisdiction: TW\n"
	"classes: [central-agency]\n"
	"contact: it@ministry.example\n"
	"networks: [{prefix: 127.0.0.0/8}]\n"
	"adoptions: [{order: test-order}]\n"
	"lists: [{id: list, file: list.txt, format: plain, reason: Test.}]\n";

/* Spreads 0, 1, 2 ... without repeats: the factor is odd. */
static uint32_t scatter(uint32_t i)
{
	return i * UINT32_C(2654435761);
}

static void listed_name(uint32_t i, char text[static 64])
{
	(void)snprintf(text, 64, "w%08" PRIx32 ".list%" PRIu32 ".example", scatter(i), i % 1000);
}

static void open_policy(struct bench *b, uint32_t listed)
{
	struct buffer list = {0};
	char text[64];
	for (uint32_t i = 0; i < listed; i++) {
		listed_name(i, text);
		buffer_printf(&list, "%s\n", text);
	}
	fixture_compile(organisation, buffer_view(&list), &b->image);
	buffer_done(&list);
	if (policy_open(buffer_view(&b->image), &b->policy) < 0)
		abort();
}

static void make_packet(struct packet *p, const char *name)
{
	uint8_t room[512];
	struct view query = fixture_query(room, name, DNS_TYPE_A, 1, FIXTURE_EDNS);
	p->size = query.size;
	memcpy(p->bytes, query.bytes, query.size);
}

/* Fills the cache with an answer to each packet's question. */
static void learn(struct bench *b, const struct packet *packets)
{
	uint8_t room[4096];
	for (uint32_t i = 0; i < CACHED; i++) {
		struct view packet = view_of(packets[i].bytes, packets[i].size);
		struct dns_query query;
		char name[DNAME_TEXT_SIZE];
		if (dns_query_parse(packet, &query) != DNS_QUERY_OK)
			abort();
		struct fixture_record record = {
			dname_print(&query.name, name), DNS_TYPE_A, "203.0.113.5", {0}};
		struct dns_question question = {
			.name = query.name, .type = query.type, .class = query.class};
		struct upstream_answer answer = {.packet =
		                                         fixture_answer(room, packet, &record, 1)};
		dns_core_learn(b->core, &question, &answer, &b->now);
	}
}

static void measure(struct bench *b, const char *what, const struct packet *packets,
                    const char *from)
{
	struct dns_client client = {.address = fixture_address(from)};
	struct dns_query query;
	uint64_t answered = 0;
	int64_t before_us = clock_read_us(CLOCK_PROCESS_CPUTIME_ID);
	for (uint32_t i = 0; i < CACHED * ROUNDS; i++) {
		const struct packet *p = &packets[scatter(i) % CACHED];
		answered += dns_core_query(b->core, view_of(p->bytes, p->size), &client, &b->now,
		                           &query, b->room, sizeof(b->room)) > 0;
	}
	int64_t spent_us = clock_read_us(CLOCK_PROCESS_CPUTIME_ID) - before_us;
	printf("%-28s %6.0f ns/query  (%" PRIu64 " answered)\n", what,
	       (double)spent_us * 1000 / (CACHED * ROUNDS), answered);
}

int main(int argc, char **argv)
{
	static struct bench b;
	static struct packet allowed[CACHED], blocked[CACHED];
	uint32_t listed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	char text[64];
	if (listed == 0) {
		fprintf(stderr, "usage: %s [LISTED]\n", argv[0]);
		return EXIT_FAILURE;
	}
	fixture_options("cache: {size: 64 MiB}", &b.arena, &b.options);
	open_policy(&b, listed);
	b.now = (struct dns_moment){FIXTURE_NOW_US, INT64_C(1000000000)};
	struct dns_core_setup setup = {.options = &b.options,
	                               .policy = &b.policy,
	                               .stats = &b.stats,
	                               .cache_size = (size_t)b.options.cache.size,
	                               .seed = 5};
	if (dns_core_new(&setup, &b.core) < 0)
		return EXIT_FAILURE;
	for (uint32_t i = 0; i < CACHED; i++) {
		(void)snprintf(text, sizeof(text), "www.site%" PRIx32 ".example.net", scatter(i));
		make_packet(&allowed[i], text);
		listed_name(scatter(i) % listed, text);
		make_packet(&blocked[i], text);
	}
	learn(&b, allowed);
	for (int i = 0; i < 3; i++) {
		measure(&b, "allowed, from the cache", allowed, "127.0.0.1");
		measure(&b, "blocked", blocked, "127.0.0.1");
		measure(&b, "stranger, over the rate", allowed, "203.0.113.9");
	}
	dns_core_free(b.core);
	buffer_done(&b.image);
	arena_done(&b.arena);
	return EXIT_SUCCESS;
}
