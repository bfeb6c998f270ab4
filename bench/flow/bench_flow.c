/* bench_flow.c - what judging a flow costs, without a kernel, a policy or another process.
 *
 * Packets are made before the clock starts, and copied to one place as a queue would give them. A flow is the
 * packets that come to the gate: SYN, SYN-ACK, ACK, ClientHello (517 bytes, or 1.7 KiB in two), ACK of the server,
 * ServerHello. The judge allows everything, and costs nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "flow/slots.h"
#include "tests/flow_world.h"

enum { FLOWS = 100000, PACKETS_MAX = 8, REPEATS = 5, OPEN_FLOWS = 1000000, COPIES = 512 };

/* Of this process alone: other work on the machine does not count, but what it does to the caches. */
static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct flow_table *table;
static int64_t now_us = 1;

static enum flow_ruling allow(void *context, const struct flow_key *key,
                              const struct flow_claim *claim)
{
	(void)key, (void)claim;
	++*(uint64_t *)context;
	return FLOW_ALLOWED;
}

static void open_table(uint32_t flows, size_t held_bytes, uint64_t *judged)
{
	struct flow_limits limits = world_limits();
	limits.flows = flows;
	limits.held_bytes = held_bytes;
	struct flow_judge judge = {allow, judged};
	if (flow_table_new(&limits, clock_monotonic_us(), &judge, &table) != OK)
		exit(EXIT_FAILURE);
}

/* The packets of one flow, each behind its size. */
struct recorded {
	unsigned count;
	size_t sizes[PACKETS_MAX];
	uint8_t bytes[PACKETS_MAX][2048];
};

static void record(struct recorded *r, const struct packet_text *t)
{
	static uint8_t room[PACKET_ROOM];
	struct view v = packet_tcp(t, room);
	memcpy(r->bytes[r->count], v.bytes, v.size);
	r->sizes[r->count++] = v.size;
}

static void record_flow(struct recorded *r, uint32_t client, size_t hello_size)
{
	uint8_t hello_room[HELLO_ROOM], answer_room[HELLO_ROOM];
	struct view hello = hello_write("www.example.org", hello_size, hello_room);
	struct packet_text t = {.client = client, .flags = TCP_SYN, .sequence = CLIENT_START};
	struct packet_text back = {.client = client,
	                           .is_reply = true,
	                           .flags = TCP_SYN | TCP_ACK,
	                           .sequence = SERVER_START,
	                           .acknowledged = CLIENT_START + 1};
	r->count = 0;
	record(r, &t);
	record(r, &back);
	t.flags = back.flags = TCP_ACK;
	t.sequence++;
	back.sequence++;
	t.acknowledged = SERVER_START + 1;
	record(r, &t);
	while (hello.size) {
		t.payload = view_of(hello.bytes, hello.size < 1400 ? hello.size : 1400);
		record(r, &t);
		t.sequence += (uint32_t)t.payload.size;
		hello = view_skip(hello, t.payload.size);
	}
	back.acknowledged = t.sequence;
	record(r, &back);
	back.payload = hello_answer(false, answer_room);
	record(r, &back);
}

static enum flow_action take(const uint8_t *bytes, size_t size)
{
	static uint8_t queue[2048];
	memcpy(queue, bytes, size);
	struct flow_packet p = {.bytes = view_of(queue, size), .now_us = now_us++};
	return flow_take(table, &p).action;
}

/* Flows of COPIES clients in turn: the slots of those before are used again. */
static void measure_flows(const char *what, size_t hello_size)
{
	static struct recorded flows[COPIES];
	uint64_t judged = 0, packets = 0, released = 0;
	for (uint32_t i = 0; i < COPIES; i++)
		record_flow(&flows[i], i, hello_size);
	int64_t best = INT64_MAX;
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		open_table(OPEN_FLOWS, (size_t)64 << 20, &judged);
		packets = released = 0;
		int64_t begin = cpu_us();
		for (uint32_t i = 0; i < FLOWS; i++) {
			struct recorded *r = &flows[i % COPIES];
			enum flow_action last = FLOW_PASS;
			for (unsigned k = 0; k < r->count; k++)
				last = take(r->bytes[k], r->sizes[k]);
			released += last == FLOW_RELEASE;
			packets += r->count;
			if (i % COPIES == COPIES - 1) {
				now_us += (int64_t)120 * 1000 * 1000;
				flow_tick(table, now_us);
			}
		}
		int64_t took = cpu_us() - begin;
		best = took < best ? took : best;
		flow_table_free(table);
	}
	if (released != FLOWS || judged != (uint64_t)FLOWS * REPEATS)
		exit(EXIT_FAILURE);
	printf("%-36s %9.0f flows/s %7.0f ns/flow %6.0f ns/packet\n", what,
	       FLOWS * 1e6 / (double)best, (double)best * 1000 / FLOWS,
	       (double)best * 1000 / (double)packets);
}

static size_t resident(void)
{
	unsigned long total = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%lu %lu", &total, &pages) != 2)
		exit(EXIT_FAILURE);
	fclose(f);
	return pages * 4096;
}

/* A million connections that were opened and have said nothing, and then one more packet of each. */
static void measure_open(void)
{
	uint64_t judged = 0;
	static uint8_t room[PACKET_ROOM];
	size_t before = resident();
	open_table(OPEN_FLOWS, (size_t)64 << 20, &judged);
	struct packet_text syn = {.flags = TCP_SYN, .sequence = CLIENT_START};
	struct packet_text answer = {.is_reply = true,
	                             .flags = TCP_SYN | TCP_ACK,
	                             .sequence = SERVER_START,
	                             .acknowledged = CLIENT_START + 1};
	for (uint32_t i = 0; i < OPEN_FLOWS; i++) {
		syn.client = answer.client = i;
		struct view v = packet_tcp(&syn, room);
		take(v.bytes, v.size);
		v = packet_tcp(&answer, room);
		take(v.bytes, v.size);
	}
	size_t bytes = resident() - before;
	struct packet_text ack = {
		.flags = TCP_ACK, .sequence = CLIENT_START + 1, .acknowledged = SERVER_START + 1};
	int64_t took = 0;
	for (uint32_t i = 0; i < OPEN_FLOWS; i += COPIES) {
		static struct recorded acks[COPIES / PACKETS_MAX];
		for (unsigned k = 0; k < COPIES; k++) {
			struct recorded *r = &acks[k / PACKETS_MAX];
			r->count = k % PACKETS_MAX;
			ack.client = (uint32_t)(((uint64_t)(i + k) * 7919) % OPEN_FLOWS);
			record(r, &ack);
		}
		int64_t begin = cpu_us();
		for (unsigned k = 0; k < COPIES; k++)
			take(acks[k / PACKETS_MAX].bytes[k % PACKETS_MAX],
			     acks[k / PACKETS_MAX].sizes[k % PACKETS_MAX]);
		took += cpu_us() - begin;
	}
	struct flow_table_state s = flow_table_state(table);
	printf("%-36s %9u flows %7.0f bytes each (slot %zu) %6.0f ns/packet\n", "open at once",
	       s.flows, (double)bytes / OPEN_FLOWS, sizeof(struct flow),
	       (double)took * 1000 / OPEN_FLOWS);
	flow_table_free(table);
}

int main(void)
{
	measure_flows("TLS, hello of 517 bytes", 517);
	measure_flows("TLS, hello of 1700 bytes in two", 1700);
	measure_open();
	return 0;
}
