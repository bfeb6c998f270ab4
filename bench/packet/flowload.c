/* flowload.c - TCP flows that no kernel's socket stands behind: as many half-open ones as are asked for, or a
 * flood of SYNs; prints one line of JSON.
 *
 * usage: flowload server INTERFACE
 *        flowload client -n FLOWS -r RATE [-b BYTES] INTERFACE SOURCE TARGET PORT
 *        flowload flood -r RATE -l SECONDS INTERFACE SOURCE TARGET PORT
 *
 * The client sends SYNs, and the first BYTES of a ClientHello to each SYN-ACK; the server answers every SYN. Neither
 * keeps anything of a flow. SOURCE and TARGET are the first of 65,536 addresses each, none of which is the
 * machine's own, so that no kernel answers. A flood is of SYNs alone, of other sources and ports each time. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "recording.h"
#include "segment.h"

enum {
	BATCH = 64,
	PORT_FIRST = 1024,
	PORTS = 60000,
	SERVER_SEQUENCE = 0x51525354,
	BUFFER = 32 << 20,
	QUIET_MS = 2000,
	PAUSE_US = 100
};

static struct load {
	int in, out; /* packets from the interface; IP packets with headers of our own */
	uint32_t source, target;
	uint16_t port;
	uint64_t flows, sent, answered;
	double rate, length;
	size_t bytes;
} load = {.rate = 10000, .length = 3, .bytes = 300};

static struct recording recording;

static int usage(void)
{
	fputs("usage: flowload server INTERFACE\n"
	      "       flowload client -n FLOWS -r RATE [-b BYTES] INTERFACE SOURCE TARGET PORT\n"
	      "       flowload flood -r RATE -l SECONDS INTERFACE SOURCE TARGET PORT\n",
	      stderr);
	return 2;
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_sockets(const char *interface)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
	                         .sll_protocol = htons(ETH_P_IP),
	                         .sll_ifindex = (int)if_nametoindex(interface)};
	int size = BUFFER;
	load.in = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));
	load.out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (load.in < 0 || load.out < 0 ||
	    bind(load.in, (const struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	(void)setsockopt(load.in, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	(void)setsockopt(load.out, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return 0;
}

static void send_one(const struct segment *s)
{
	uint8_t packet[SEGMENT_SIZE_MAX];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(s->target)};
	size_t size = segment_write(s, packet);
	(void)!sendto(load.out, packet, size, 0, (const struct sockaddr *)&to, sizeof(to));
}

/* Sent by others only; false: none waits. */
static bool receive(struct segment *ret)
{
	uint8_t packet[SEGMENT_SIZE_MAX];
	struct sockaddr_ll from;
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(load.in, packet, sizeof(packet), MSG_DONTWAIT,
		                     (struct sockaddr *)&from, &size);
		if (n < 0)
			return false;
		if (from.sll_pkttype != PACKET_OUTGOING &&
		    segment_read(packet, (size_t)n, ret) == 0)
			return true;
	}
}

static struct segment syn_of(uint64_t number)
{
	return (struct segment){.source = load.source + (uint32_t)(number / PORTS % 65536),
	                        .source_port = (uint16_t)(PORT_FIRST + number % PORTS),
	                        .target = load.target + (uint32_t)(number % 251),
	                        .target_port = load.port,
	                        .sequence = (uint32_t)number * 2654435761U,
	                        .flags = SEGMENT_SYN};
}

static struct segment reply_to(const struct segment *s)
{
	return (struct segment){.source = s->target,
	                        .source_port = s->target_port,
	                        .target = s->source,
	                        .target_port = s->source_port,
	                        .sequence = s->acknowledged,
	                        .acknowledged = s->sequence + 1,
	                        .flags = SEGMENT_ACK};
}

static void run_server(void)
{
	struct pollfd wait = {.fd = load.in, .events = POLLIN};
	for (;;) {
		struct segment s, reply;
		if (!receive(&s)) {
			(void)poll(&wait, 1, -1);
			continue;
		}
		if (s.flags != SEGMENT_SYN)
			continue;
		reply = reply_to(&s);
		reply.flags = SEGMENT_SYN | SEGMENT_ACK;
		reply.sequence = SERVER_SEQUENCE;
		send_one(&reply);
	}
}

static void answer_all(void)
{
	struct segment s, reply;
	while (receive(&s)) {
		if (s.flags != (SEGMENT_SYN | SEGMENT_ACK))
			continue;
		load.answered++;
		reply = reply_to(&s);
		reply.flags |= SEGMENT_PUSH;
		reply.data = recording.hello.bytes;
		reply.size = load.bytes;
		send_one(&reply);
	}
}

static void send_until(double now, double since)
{
	double due = (now - since) * load.rate;
	for (unsigned i = 0; i < BATCH && (double)load.sent < due && load.sent < load.flows; i++) {
		struct segment s = syn_of(load.sent++);
		send_one(&s);
	}
}

static int run_client(bool has_answers)
{
	double since = now_s(), now = since;
	struct pollfd wait = {.fd = load.in, .events = POLLIN};
	while (load.sent < load.flows && (has_answers || now - since < load.length)) {
		send_until(now, since);
		if (has_answers)
			answer_all();
		else
			(void)usleep(PAUSE_US); /* others send from this processor too */
		now = now_s();
	}
	while (has_answers && poll(&wait, 1, QUIET_MS) > 0)
		answer_all();
	printf("{\"seconds\": %.3f, \"sent\": %" PRIu64 ", \"answered\": %" PRIu64 "}\n",
	       now - since, load.sent, load.answered);
	return EXIT_SUCCESS;
}

static bool read_target(char **argv)
{
	struct in_addr source, target;
	if (!inet_aton(argv[0], &source) || !inet_aton(argv[1], &target))
		return false;
	load.source = ntohl(source.s_addr);
	load.target = ntohl(target.s_addr);
	load.port = (uint16_t)strtoul(argv[2], NULL, 10);
	return true;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	bool is_server = strcmp(what, "server") == 0, is_flood = strcmp(what, "flood") == 0;
	load.flows = is_flood ? UINT64_MAX : 0;
	argc--, argv++;
	for (int option; argc > 0 && (option = getopt(argc, argv, "n:r:b:l:")) != -1;) {
		switch (option) {
		case 'n': load.flows = strtoull(optarg, NULL, 10); break;
		case 'r': load.rate = strtod(optarg, NULL); break;
		case 'b': load.bytes = strtoul(optarg, NULL, 10); break;
		case 'l': load.length = strtod(optarg, NULL); break;
		default: return usage();
		}
	}
	if (argc - optind != (is_server ? 1 : 4) || (!is_server && !read_target(argv + optind + 1)))
		return usage();
	if (recording_make("www.allowed.example", 1200, 1000, &recording) < 0 ||
	    load.bytes > recording.hello.size || open_sockets(argv[optind]) < 0) {
		fputs("flowload: no hello of that size, or no socket\n", stderr);
		return EXIT_FAILURE;
	}
	if (is_server)
		run_server();
	return run_client(!is_flood);
}
