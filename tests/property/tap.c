/* Whatever bytes a client sends: what is told of them is a frame whose fields read back, and one line of
 * JSON. Random and altered queries, with a fixed seed. */
#include "gate/dns/tap.h"

#include <jansson.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/reader.h"
#include "gate/dns/core.h"
#include "gate/dns/tap_dnstap.h"
#include "gate/dns/tap_line.h"
#include "tests/gate_dns/fixture.h"
#include "tests/random.h"
#include "tests/test.h"

enum { ROUNDS = 20000, ROOM = 65535 };

static uint64_t seed = 1;

static uint64_t read_varint(struct reader *r)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = read_u8(r);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			break;
	}
	return value;
}

/* Reads the fields of a message in ascending order; returns the bytes of field `wanted`. */
static struct view read_fields(struct view message, unsigned wanted)
{
	struct reader r = reader_open(message.bytes, message.size);
	struct view found = {0};
	unsigned last = 0;
	while (reader_left(&r)) {
		uint64_t tag = read_varint(&r);
		unsigned number = (unsigned)(tag >> 3);
		assert_true(number > last);
		last = number;
		struct view bytes = {0};
		switch (tag & 7) {
		case 0: (void)read_varint(&r); break;
		case 2: bytes = read_view(&r, (size_t)read_varint(&r)); break;
		case 5: (void)read_view(&r, 4); break;
		default: fail_msg("no such type of field");
		}
		if (number == wanted)
			found = bytes;
		assert_false(r.failed);
	}
	return found;
}

static void check_frame(const uint8_t *frame, size_t size, unsigned field, struct view expected)
{
	enum { MESSAGE = 14, POLICY = 15 };
	struct view message = read_fields(view_of(frame, size), MESSAGE);
	assert_true(message.size > 0);
	assert_true(view_equal(read_fields(message, field), expected));
	(void)read_fields(read_fields(message, POLICY), 1);
}

static void check_line(const struct tap_record *record)
{
	static struct tap_client_key key;
	struct buffer line = {0};
	tap_line_print(record, (enum tap_clients)random_below(&seed, 4), &key, &line);
	assert_false(line.failed);
	assert_ptr_equal(memchr(line.bytes, '\n', line.size), line.bytes + line.size - 1);
	json_t *read =
		json_loadb((const char *)line.bytes, line.size, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_is_object(read));
	json_decref(read);
	buffer_done(&line);
}

static void check_record(const struct tap_record *record)
{
	enum { QUERY = 10, ANSWER = 14 };
	static uint8_t frame[TAP_FRAME_SIZE_MAX];
	struct tap_frames form = {.identity = view_text("i"), .clients = TAP_CLIENTS_FULL};
	size_t size = tap_frame_query(&form, record, frame);
	if (size)
		check_frame(frame, size, QUERY, record->parts[TAP_QUERY]);
	size = tap_frame_answer(&form, record, frame);
	if (size)
		check_frame(frame, size, ANSWER, record->parts[TAP_ANSWER]);
	form.clients = TAP_CLIENTS_NONE;
	size = tap_frame_query(&form, record, frame);
	if (size)
		(void)read_fields(read_fields(view_of(frame, size), 14), 1);
	check_line(record);
}

static struct view random_packet(uint8_t room[static 512])
{
	static const char *const names[] = {"chat.banned.example", "www.good.example", "."};
	struct view packet = fixture_query(room, names[random_below(&seed, 3)],
	                                   (uint16_t)random_below(&seed, 300), 7,
	                                   random_below(&seed, 2) ? FIXTURE_EDNS : FIXTURE_NO_EDNS);
	for (uint32_t left = random_below(&seed, 4); left; left--)
		room[random_below(&seed, (uint32_t)packet.size)] = (uint8_t)random_u64(&seed);
	if (random_below(&seed, 8) == 0)
		packet.size = random_below(&seed, (uint32_t)packet.size);
	return packet;
}

static void whatever_is_asked_what_is_told_reads_back(void **state)
{
	(void)state;
	struct arena arena;
	struct dns_options options;
	struct buffer image = {0};
	struct policy policy;
	static struct dns_stats stats;
	static uint8_t packet[512], room[ROOM];
	cleanup(tap_queue) struct tap_queue *queue = NULL;
	cleanup(tap) struct tap *tap = NULL;
	cleanup(dns_core) struct dns_core *core = NULL;
	arena_init(&arena, 0);
	fixture_options("", &arena, &options);
	fixture_image("keep", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	assert_int_equal(tap_queue_new(1 << 18, -1, &queue), OK);
	struct tap_sink sink = {queue, TAP_ALL, true, DNS_DNSTAP_DROPPED};
	assert_int_equal(tap_new(&sink, 1, &stats, &tap), OK);
	struct dns_core_setup setup = {.options = &options,
	                               .policy = &policy,
	                               .stats = &stats,
	                               .tap = tap,
	                               .cache_size = 1 << 20};
	assert_int_equal(dns_core_new(&setup, &core), OK);
	unsigned told = 0;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct dns_client client = {.address = fixture_address("192.0.2.1")};
		struct dns_moment now = {FIXTURE_NOW_US, clock_monotonic_us()};
		struct dns_query query;
		int size = dns_core_query(core, random_packet(packet), &client, &now, &query, room,
		                          ROOM);
		const struct tap_record *record = tap_queue_peek(queue);
		assert_int_equal(record != NULL, size != DNS_CORE_SILENT);
		if (!record)
			continue;
		check_record(record);
		tap_queue_release(queue);
		told++;
	}
	assert_true(told > ROUNDS / 2);
	buffer_done(&image);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_asked_what_is_told_reads_back),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
