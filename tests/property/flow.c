/* Streams that are cut, reordered, repeated, overlapped and forged at random, against end hosts of all kinds: what
 * any of them reads of the forwarded packets was judged; and a stream that is not ambiguous arrives whole. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/flow_world.h"
#include "tests/property/flow_hosts.h"
#include "tests/random.h"
#include "tests/test.h"
#include "wire/tls_hello.h"
#include "wire/tls_record.h"

enum { ROUNDS = 4000, SEGMENTS_MAX = 28, HOSTS = HOST_KINDS * HOST_URGENTS, NAMES_MAX = 1024 };

struct segment {
	uint32_t offset;
	uint8_t bytes[2048];
	size_t size;
	bool has_urgent;
	uint16_t urgent;
};

static struct world w;
static struct host hosts[HOSTS];
static char judged[NAMES_MAX][64];
static unsigned judged_count;

static enum flow_ruling judge(void *context, const struct flow_key *key,
                              const struct flow_claim *claim)
{
	enum flow_ruling ruling = world_judge(context, key, claim);
	if (ruling == FLOW_ALLOWED && judged_count < NAMES_MAX &&
	    claim->name.size < sizeof(judged[0])) {
		memset(judged[judged_count], 0, sizeof(judged[0]));
		if (claim->name.size)
			memcpy(judged[judged_count], claim->name.bytes, claim->name.size);
		judged_count++;
	}
	return ruling;
}

static void begin(uint32_t packets)
{
	struct flow_limits limits = world_limits();
	limits.packets = packets;
	world_open(&w, &limits);
	world_close(&w);
	struct flow_judge j = {judge, &w};
	assert_int_equal(flow_table_new(&limits, 7, &j, &w.table), OK);
	judged_count = 0;
	memset(hosts, 0, sizeof(hosts));
	for (int i = 0; i < HOSTS; i++) {
		hosts[i].kind = (enum host_kind)(i % HOST_KINDS);
		hosts[i].urgent = (enum host_urgent)(i / HOST_KINDS);
	}
	world_handshake(&w);
}

static bool was_judged(struct view name)
{
	for (unsigned i = 0; i < judged_count; i++)
		if (view_is(name, judged[i]))
			return true;
	return false;
}

/* Every name in every whole hello that the host's program has read. */
static void check_host(const struct host *h)
{
	static uint8_t stream[HOST_STREAM_MAX], room[HOST_STREAM_MAX];
	struct tls_records records;
	struct tls_message message;
	struct tls_hello hello;
	tls_records_open(host_read(h, stream), room, sizeof(room), &records);
	while (tls_records_next(&records, &message) == OK) {
		if (message.type != TLS_CLIENT_HELLO || tls_hello_parse(message.body, &hello) != OK)
			continue;
		for (unsigned i = 0; i < hello.names_count; i++)
			assert_true(was_judged(hello.names[i]));
	}
}

/* Forwarded packets reach each host, or get lost on the way to it. */
static enum flow_action send(const struct segment *s, uint64_t *seed, unsigned lost_percent)
{
	struct packet_text t = {.flags = TCP_ACK | (s->has_urgent ? TCP_URG : 0),
	                        .sequence = CLIENT_START + 1 + s->offset,
	                        .acknowledged = SERVER_START + 1,
	                        .urgent = s->urgent,
	                        .payload = view_of(s->bytes, s->size)};
	enum flow_action action = world_tcp(&w, &t);
	if (action == FLOW_DROP || action == FLOW_REFUSE)
		return action;
	for (int i = 0; i < HOSTS; i++) {
		if (random_below(seed, 100) < lost_percent)
			continue;
		host_take(&hosts[i], s->offset, t.payload, s->has_urgent, s->urgent);
		check_host(&hosts[i]);
	}
	return action;
}

static void cut(const struct view stream, uint64_t *seed, struct segment *ret)
{
	ret->offset = random_below(seed, (uint32_t)stream.size);
	size_t left = stream.size - ret->offset;
	ret->size = 1 + random_below(seed, (uint32_t)left);
	memcpy(ret->bytes, stream.bytes + ret->offset, ret->size);
	ret->has_urgent = false;
	ret->urgent = 0;
}

static void cut_from_start(const struct view stream, uint64_t *seed, struct segment *ret)
{
	ret->offset = 0;
	ret->size = 1 + random_below(seed, (uint32_t)stream.size);
	memcpy(ret->bytes, stream.bytes, ret->size);
}

/* A partition of the stream into `count` parts, in random order; returns how many. */
static unsigned partition(const struct view stream, unsigned count, uint64_t *seed,
                          struct segment ret[static SEGMENTS_MAX])
{
	uint32_t at = 0;
	unsigned n = 0;
	for (; at < stream.size; n++) {
		size_t left = stream.size - at;
		size_t size = n + 1 == count
		                      ? left
		                      : 1 + random_below(seed, (uint32_t)(2 * stream.size / count));
		if (size > left)
			size = left;
		ret[n] = (struct segment){.offset = at, .size = size};
		memcpy(ret[n].bytes, stream.bytes + at, size);
		at += (uint32_t)size;
	}
	for (unsigned i = n; i > 1; i--) {
		unsigned j = random_below(seed, i);
		struct segment other = ret[i - 1];
		ret[i - 1] = ret[j];
		ret[j] = other;
	}
	return n;
}

static void what_any_host_reads_was_judged(void **state)
{
	(void)state;
	static uint8_t rooms[3][HELLO_ROOM];
	unsigned passed = 0, refused = 0;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t seed = round * 77 + 1;
		/* of one length, so that any mixture of them is a hello */
		struct view streams[] = {hello_write("good.example", 0, rooms[0]),
		                         hello_write("bad1.example", 0, rooms[1]),
		                         hello_write("gbdd.example", 0, rooms[2])};
		begin(64);
		for (unsigned i = 0; i < 24; i++) {
			struct segment s;
			cut(streams[random_below(&seed, 3)], &seed, &s);
			if (random_below(&seed, 8) == 0) {
				s.has_urgent = true;
				s.urgent = (uint16_t)random_below(&seed, (uint32_t)s.size + 1);
			}
			if (random_below(&seed, 3) == 0)
				cut_from_start(streams[random_below(&seed, 3)], &seed, &s);
			enum flow_action action = send(&s, &seed, round % 2 ? 30 : 0);
			passed += action == FLOW_PASS;
			refused += action == FLOW_REFUSE;
			if (action == FLOW_REFUSE)
				break;
		}
		world_close(&w);
	}
	assert_true(passed > ROUNDS && refused > ROUNDS / 4);
}

/* A name that appears only in a mixture: neither stream has it. */
static void a_name_that_only_a_mixture_has_is_found(void **state)
{
	(void)state;
	static uint8_t rooms[2][HELLO_ROOM];
	unsigned refused = 0;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t seed = round * 31 + 5;
		struct view streams[] = {hello_write("bax1.example", 0, rooms[0]),
		                         hello_write("xxd1.example", 0, rooms[1])};
		struct segment parts[2][SEGMENTS_MAX];
		begin(64);
		unsigned counts[2];
		for (int k = 0; k < 2; k++)
			counts[k] =
				partition(streams[k], 1 + random_below(&seed, 5), &seed, parts[k]);
		bool is_over = false;
		for (unsigned i = 0; i < 10 && !is_over; i++)
			for (int k = 0; k < 2 && !is_over; k++)
				if (i < counts[k])
					is_over = send(&parts[k][i], &seed, 20) == FLOW_REFUSE;
		refused += is_over;
		world_close(&w);
	}
	/* a border must be where the names differ */
	assert_true(refused > ROUNDS / 50);
}

enum forgery {
	FORGED_SUM,
	FORGED_TTL,
	FORGED_ACK,
	FORGED_WINDOW,
	FORGED_SIGNATURE,
	FORGED_FLAGS,
	FORGERIES
};

/* No end host takes it, or it does not get there. */
static void send_forged(const struct view stream, uint64_t *seed)
{
	struct segment s;
	cut(stream, seed, &s);
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + s.offset,
	                        .acknowledged = SERVER_START + 1,
	                        .payload = view_of(s.bytes, s.size)};
	switch ((enum forgery)random_below(seed, FORGERIES)) {
	case FORGED_SUM: t.has_bad_sum = true; break;
	case FORGED_TTL: t.hops = 9; break;
	case FORGED_ACK: t.acknowledged += 1 + random_below(seed, 1000000); break;
	case FORGED_WINDOW: t.sequence += 70000 + random_below(seed, 1000000); break;
	case FORGED_SIGNATURE: t.has_md5 = true; break;
	default: t.flags = 0; break;
	}
	assert_int_equal(world_tcp(&w, &t), FLOW_DROP);
}

static void an_allowed_stream_arrives_whatever_is_forged(void **state)
{
	(void)state;
	static uint8_t good_room[HELLO_ROOM], bad_room[HELLO_ROOM], answer_room[HELLO_ROOM];
	struct view answer = hello_answer(false, answer_room);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t seed = round * 13 + 3;
		struct view good =
			hello_write("good.example", 80 + random_below(&seed, 1700), good_room);
		struct view bad = hello_write("bad1.example", good.size, bad_room);
		static struct segment parts[SEGMENTS_MAX];
		begin(64);
		unsigned count =
			partition(good, 1 + random_below(&seed, SEGMENTS_MAX - 1), &seed, parts);
		for (unsigned i = 0; i < count; i++) {
			struct segment again;
			if (random_below(&seed, 3) == 0)
				send_forged(bad, &seed);
			assert_int_equal(send(&parts[i], &seed, 0), FLOW_PASS);
			if (random_below(&seed, 4) == 0) {
				cut(good, &seed, &again);
				assert_int_equal(send(&again, &seed, 0), FLOW_PASS);
			}
		}
		for (int i = 0; i < HOSTS; i++)
			assert_true(hosts[i].next == good.size &&
			            was_judged(view_text("good.example")));
		assert_int_equal(w.refused, 0);
		assert_int_equal(world_server(&w, 0, answer, (uint32_t)good.size), FLOW_RELEASE);
		assert_int_equal(flow_table_state(w.table).held, 0);
		world_close(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_any_host_reads_was_judged),
		cmocka_unit_test(a_name_that_only_a_mixture_has_is_found),
		cmocka_unit_test(an_allowed_stream_arrives_whatever_is_forged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
