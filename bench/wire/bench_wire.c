/* bench_wire.c - what the two ends of the DNS hot path cost: ns per query read, per answer written. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_answer.h"
#include "wire/dns_build.h"

enum { ROUNDS = 2000000, REPEATS = 5 };

static _Alignas(8) uint8_t block[16384];
static uint8_t room[4096];
static struct dns_query query;
static struct dns_emit how = {.age = 7};
static struct dns_opt opt = {.udp_size = 1232};
static volatile uint64_t sink; /* what is computed is used */

static void parse_plain(void)
{
	sink += dns_query_parse(QUERY_PLAIN, &query) + query.type;
}

static void parse_edns(void)
{
	sink += dns_query_parse(QUERY_EDNS, &query) + query.type;
}

static void emit(void)
{
	const struct dns_prepared *p = (const struct dns_prepared *)(const void *)block;
	sink += (uint64_t)dns_answer_emit(p, &query, &how, room, 1232);
}

static void build_blocked(void)
{
	struct dns_builder b;
	dns_build_open(&b, room, 1232, &query, DNS_RCODE_NOERROR, &opt);
	dns_build_address(&b, &query.name, 60, view_of("\xc0\0\2\1", 4));
	sink += (uint64_t)dns_build_close(&b);
}

static void prepare(void)
{
	sink += (uint64_t)dns_answer_prepare(MESSAGE_CNAME_SIGNED, block, sizeof(block));
}

/* The best of a few repeats: the others measure the machine. */
static void measure(const char *what, void (*run)(void), unsigned rounds)
{
	int64_t best = INT64_MAX;
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		int64_t begin = clock_monotonic_us();
		for (unsigned i = 0; i < rounds; i++)
			run();
		int64_t took = clock_monotonic_us() - begin;
		best = took < best ? took : best;
	}
	printf("%-40s %7.1f ns\n", what, (double)best * 1000 / rounds);
}

/* Prepares `message` and makes `query` the one that it answers. */
static void load(struct view message, struct dns_opt *with)
{
	struct dns_question question;
	if (dns_answer_prepare(message, block, sizeof(block)) < 0 ||
	    dns_question_parse(message, &question) < 0)
		abort();
	query = (struct dns_query){.flags = DNS_FLAG_RD, .name = question.name};
	query.question = view_of(message.bytes + DNS_HEADER_SIZE, question.end - DNS_HEADER_SIZE);
	query.edns.wants_dnssec = with != NULL;
	how.opt = with;
}

int main(void)
{
	measure("parse a query, 33 bytes", parse_plain, ROUNDS);
	measure("parse a query with five EDNS options", parse_edns, ROUNDS);
	load(MESSAGE_A, NULL);
	measure("emit an answer of 2 records", emit, ROUNDS);
	load(MESSAGE_A, &opt);
	measure("emit an answer of 2 records and OPT", emit, ROUNDS);
	load(MESSAGE_CNAME_SIGNED, &opt);
	measure("emit a signed answer of 7 records", emit, ROUNDS);
	measure("build a blocked answer", build_blocked, ROUNDS);
	measure("prepare a signed answer of 7 records", prepare, ROUNDS / 10);
	return EXIT_SUCCESS;
}
