/* bench_packet_core.c - what one new TLS connection costs in the packet gate, without the kernel.
 *
 * usage: bench_packet_core
 *
 * Five packets each: the handshake of TCP, a hello of the client, the server's hello. The packets are made before;
 * connections come from many addresses and ports, so that nothing of one is warm for the next. */
#include <inttypes.h>

#include "base/clock.h"
#include "tests/gate_packet/scene.h"

enum { CONNECTIONS = 20000, ROUNDS = 20, PACKETS = 5, SIZE_MAX_OF_PACKET = 320 };

struct recorded {
	size_t size;
	uint8_t bytes[SIZE_MAX_OF_PACKET];
};

static struct scene scene;

static void record(struct recorded *to, const struct packet_ends *ends,
                   const struct packet_tcp *tcp, struct view payload)
{
	to->size = packet_build_tcp(ends, tcp, payload, to->bytes, sizeof(to->bytes));
	if (to->size == 0)
		abort();
}

/* Each from another address and port. */
static void record_connection(struct recorded *to, uint32_t i, const char *name)
{
	uint8_t room[HELLO_SIZE_MAX];
	struct talk t;
	talk_ends(&t, "192.0.2.10", (uint16_t)(1024 + i % 60000), "203.0.113.80", 443);
	t.to_server.source.bytes[2] = (uint8_t)(i >> 8);
	t.to_server.source.bytes[3] = (uint8_t)i;
	t.to_client.destination = t.to_server.source;
	struct packet_tcp syn = {1000, 0, TCP_SYN, 0xffff};
	struct packet_tcp syn_ack = {5000, 1001, TCP_SYN | TCP_ACK, 0xffff};
	struct packet_tcp ack = {1001, 5001, TCP_ACK, 0xffff};
	struct view hello = hello_write(name, room), none = {0};
	struct packet_tcp answer = {5001, 1001 + (uint32_t)hello.size, TCP_ACK | TCP_PSH, 0xffff};
	record(&to[0], &t.to_server, &syn, none);
	record(&to[1], &t.to_client, &syn_ack, none);
	record(&to[2], &t.to_server, &ack, none);
	record(&to[3], &t.to_server, &ack, hello);
	record(&to[4], &t.to_client, &answer, hello_write(NULL, room));
}

static void run_once(const struct recorded *packets)
{
	struct packet_decision d;
	for (size_t i = 0; i < (size_t)CONNECTIONS * PACKETS; i++) {
		struct flow_packet p = {.bytes = view_of(packets[i].bytes, packets[i].size),
		                        .now_us = scene.now.steady_us};
		packet_core_take(scene.core, &p, &scene.now, &d);
	}
	/* so long after that all of them are forgotten */
	scene.now.steady_us += 1000 * SECOND_US;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		if (flow_table_state(packet_core_flows(scene.core)).flows == 0)
			return;
		packet_core_tick(scene.core, &scene.now);
	}
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void bench(const char *what, const char *name)
{
	struct recorded *packets = calloc((size_t)CONNECTIONS * PACKETS, sizeof(*packets));
	int64_t took_ns[ROUNDS];
	if (!packets)
		abort();
	for (uint32_t i = 0; i < CONNECTIONS; i++)
		record_connection(&packets[i * PACKETS], i, name);
	scene_open(&scene, "", "enforce", NULL);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t begun_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
		run_once(packets);
		took_ns[i] = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begun_ns;
	}
	qsort(took_ns, ROUNDS, sizeof(*took_ns), compare);
	printf("%-10s %6" PRId64 " ns of CPU a connection (median of %d rounds of %d)\n", what,
	       took_ns[ROUNDS / 2] / CONNECTIONS, ROUNDS, CONNECTIONS);
	scene_close(&scene);
	free(packets);
}

int main(void)
{
	bench("allowed", "www.neighbour.example");
	bench("nameless", "");
	bench("blocked", "www.banned.example");
	return 0;
}
