/* tlsload.c - a load of new TLS connections, and the server that they go to; prints one line of JSON.
 *
 * usage: tlsload server [-a BYTES] PORT
 *        tlsload client [-w WINDOW | -r RATE] [-n COUNT] [-l SECONDS] [-p BYTES] [-s NAME] [-f] ADDRESS[/COUNT] PORT
 *	-a    so much data in answer to the client's (4000)
 *	-w    keeps so many connections open (128)
 *	-r    starts so many a second instead
 *	-n    ends after so many
 *	-l    for so long (3)
 *	-t    gives a connection up after so many seconds (2)
 *	-p    makes the hello so much longer (1200: as long as those of browsers with a post-quantum key)
 *	-s    asks for this name (www.allowed.example)
 *	-f    closes at the server's flight, instead of asking for data
 *
 * Connections go to COUNT addresses from ADDRESS on, in turn. */
#include "tlsload.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct recording recording;

static int usage(void)
{
	fputs("usage: tlsload server [-a BYTES] PORT\n"
	      "       tlsload client [-w WINDOW | -r RATE] [-n COUNT] [-l SECONDS] [-t SECONDS] [-p BYTES] "
	      "[-s NAME] [-f] ADDRESS[/COUNT] PORT\n",
	      stderr);
	return 2;
}

static void print_counts(const struct tls_client_counts *c)
{
	double seconds = (double)c->spent_ns / 1e9;
	printf("{\"seconds\": %.3f, \"started\": %" PRIu64 ", \"answered\": %" PRIu64
	       ", \"finished\": %" PRIu64 ", \"refused\": %" PRIu64 ", \"timed_out\": %" PRIu64
	       ", \"unsent\": %" PRIu64 ", \"rate\": %.0f, ",
	       seconds, c->started, c->answered, c->finished, c->refused, c->timed_out, c->failed,
	       (double)c->finished / seconds);
	printf("\"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n",
	       histogram_us(&c->first, 0.5), histogram_us(&c->first, 0.9),
	       histogram_us(&c->first, 0.99), (double)c->first.max_ns / 1000);
}

static int run_client(struct tls_client_setup *setup, char *address, const char *port)
{
	char *count = strchr(address, '/');
	if (count)
		*count++ = 0;
	setup->addresses = count ? (unsigned)strtoul(count, NULL, 10) : 1;
	setup->server.sin_family = AF_INET;
	setup->server.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (!inet_aton(address, &setup->server.sin_addr) || !setup->addresses || !setup->window)
		return usage();
	struct tls_client_counts counts;
	int r = tls_client_run(setup, &recording, &counts);
	if (r < 0) {
		fprintf(stderr, "tlsload: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	print_counts(&counts);
	return EXIT_SUCCESS;
}

static int run_server(const char *port)
{
	int r = tls_server_run((uint16_t)strtoul(port, NULL, 10), &recording);
	fprintf(stderr, "tlsload: cannot listen: %s\n", strerror(-r));
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct tls_client_setup setup = {.window = 128,
	                                 .length_ns = INT64_C(3000000000),
	                                 .patience_ns = INT64_C(2000000000),
	                                 .is_whole = true};
	const char *name = "www.allowed.example";
	size_t padding = 1200, answer = 4000;
	if (argc < 2)
		return usage();
	bool is_server = strcmp(argv[1], "server") == 0;
	argc--, argv++;
	for (int option; (option = getopt(argc, argv, "a:w:r:n:l:t:p:s:f")) != -1;) {
		switch (option) {
		case 'a': answer = strtoul(optarg, NULL, 10); break;
		case 'w': setup.window = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'r': setup.rate = strtod(optarg, NULL); break;
		case 'n': setup.count = strtoull(optarg, NULL, 10); break;
		case 'l': setup.length_ns = (int64_t)(strtod(optarg, NULL) * 1e9); break;
		case 't': setup.patience_ns = (int64_t)(strtod(optarg, NULL) * 1e9); break;
		case 'p': padding = strtoul(optarg, NULL, 10); break;
		case 's': name = optarg; break;
		case 'f': setup.is_whole = false; break;
		default: return usage();
		}
	}
	if (argc - optind != (is_server ? 1 : 2))
		return usage();
	const struct rlimit files = {65536, 65536};
	(void)setrlimit(RLIMIT_NOFILE, &files);
	int r = recording_make(name, padding, answer, &recording);
	if (r < 0) {
		fprintf(stderr, "tlsload: no handshake: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	return is_server ? run_server(argv[optind])
	                 : run_client(&setup, argv[optind], argv[optind + 1]);
}
