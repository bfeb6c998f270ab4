/* dns_load.c - a DNS load generator: runs one measurement and prints one line of JSON.
 *
 * usage: dns_load [-w WINDOW | -r RATE] [-l SECONDS] [-W SECONDS] [-1] PORT QUERIES
 *	-w    keeps so many queries outstanding (128)
 *	-r    sends so many a second instead
 *	-l    for so long (5)
 *	-W    latencies of so long at the start do not count (0)
 *	-1    ends when each query was sent once
 *
 * QUERIES is a file of "NAME TYPE allow|block"; the server is 127.0.0.1:PORT. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator.h"

#define SECOND_NS INT64_C(1000000000)

DEFINE_CLEANUP(generator, struct generator *, generator_free);

static int usage(void)
{
	fputs("usage: dns_load [-w WINDOW | -r RATE] [-l SECONDS] [-W SECONDS] [-1] PORT QUERIES\n",
	      stderr);
	return 2;
}

static void print_counts(const struct generator_counts *c)
{
	double seconds = (double)c->spent_ns / 1e9;
	printf("{\"seconds\": %.3f, \"sent\": %" PRIu64 ", \"answered\": %" PRIu64
	       ", \"lost\": %" PRIu64 ", \"late\": %" PRIu64 ", \"qps\": %.0f, ",
	       seconds, c->sent, c->answered, c->lost, c->late,
	       (double)c->answered_in_time / seconds);
	printf("\"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, "
	       "\"max_us\": %.1f, ",
	       histogram_us(&c->latency, 0.5), histogram_us(&c->latency, 0.9),
	       histogram_us(&c->latency, 0.99), histogram_us(&c->latency, 0.999),
	       (double)c->latency.max_ns / 1000);
	printf("\"noerror\": %" PRIu64 ", \"servfail\": %" PRIu64 ", \"nxdomain\": %" PRIu64
	       ", \"refused\": %" PRIu64 ", \"leaked\": %" PRIu64 ", \"overblocked\": %" PRIu64
	       "}\n",
	       c->rcodes[0], c->rcodes[2], c->rcodes[3], c->rcodes[5], c->leaked, c->overblocked);
}

int main(int argc, char **argv)
{
	struct generator_setup setup = {.server = {.sin_family = AF_INET},
	                                .mark = {127, 9, 9, 9},
	                                .timeout_ns = SECOND_NS,
	                                .length_ns = 5 * SECOND_NS};
	unsigned window = 128, rate = 0;
	for (int option; (option = getopt(argc, argv, "w:r:l:W:1")) != -1;) {
		switch (option) {
		case 'w': window = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'r': rate = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'l': setup.length_ns = (int64_t)(strtod(optarg, NULL) * 1e9); break;
		case 'W': setup.warm_ns = (int64_t)(strtod(optarg, NULL) * 1e9); break;
		case '1': setup.is_once = true; break;
		default: return usage();
		}
	}
	if (argc - optind != 2 || window == 0)
		return usage();
	setup.is_timed = rate != 0;
	setup.server.sin_port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
	setup.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	struct query_file queries;
	int r = query_file_read(argv[optind + 1], &queries);
	if (r < 0) {
		fprintf(stderr, "dns_load: %s cannot be read (%d)\n", argv[optind + 1], r);
		return EXIT_FAILURE;
	}
	setup.queries = &queries;
	cleanup(generator) struct generator *g = NULL;
	r = generator_new(&setup, &g);
	if (r < 0) {
		fprintf(stderr, "dns_load: cannot open sockets: %s\n", strerror(-r));
		query_file_done(&queries);
		return EXIT_FAILURE;
	}
	if (rate)
		generator_run_rate(g, rate);
	else
		generator_run_window(g, window);
	print_counts(generator_counts(g));
	query_file_done(&queries);
	return EXIT_SUCCESS;
}
