#include <openssl/crypto.h>

#include "tests/test.h"
#include "tests/unit/wire/hex.h"
#include "tests/unit/wire/quic_vectors.h"
#include "wire/quic_initial.h"

enum { V1 = 0x00000001, V2 = 0x6b3343cf };

static uint8_t packet_room[2048], frames_room[2048], other_room[2048];
static size_t allocations;

static void *counting_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return malloc(size);
}

static void *counting_realloc(void *at, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return realloc(at, size);
}

static void plain_free(void *at, const char *file, int line)
{
	(void)file;
	(void)line;
	free(at);
}

static struct view dcid(void)
{
	static uint8_t bytes[8];
	return hex(VECTOR_DCID, bytes, sizeof(bytes));
}

static void expect_keys(uint32_t version, enum quic_side side, const char *key, const char *iv,
                        const char *header)
{
	struct quic_keys keys;
	uint8_t bytes[QUIC_KEY_SIZE];
	assert_int_equal(quic_keys_derive(version, dcid(), side, &keys), OK);
	assert_true(
		view_equal(view_of(keys.key, sizeof(keys.key)), hex(key, bytes, sizeof(bytes))));
	assert_true(view_equal(view_of(keys.iv, sizeof(keys.iv)), hex(iv, bytes, sizeof(bytes))));
	assert_true(view_equal(view_of(keys.header, sizeof(keys.header)),
	                       hex(header, bytes, sizeof(bytes))));
}

static void the_keys_are_those_of_the_rfcs(void **state)
{
	(void)state;
	expect_keys(V1, QUIC_CLIENT, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
	            "9f50449e04a0e810283a1e9933adedd2");
	expect_keys(V1, QUIC_SERVER, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e",
	            "c206b8d9b9f0f37644430b490eeaa314");
	expect_keys(V2, QUIC_CLIENT, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
	            "45b95e15235d6f45a6b19cbcb0294ba9");
	expect_keys(V2, QUIC_SERVER, "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652",
	            "edf6d05c83121201b436e16877593c3a");
}

static int open_packet(struct quic_opener *o, struct view bytes, enum quic_side side, uint64_t next,
                       struct view *ret_frames)
{
	struct quic_packet p;
	struct quic_keys keys;
	struct quic_number number;
	assert_int_equal(quic_read(bytes, &p), OK);
	assert_int_equal(quic_keys_derive(p.version, dcid(), side, &keys), OK);
	int code = quic_number_read(o, &keys, &p, &number);
	if (code)
		return code;
	return quic_initial_open(o, &keys, &p, number, quic_number_decode(number, next),
	                         frames_room, sizeof(frames_room), ret_frames);
}

static void expect_frames(const char *packet, enum quic_side side, const char *frames,
                          size_t padding)
{
	cleanup(quic_opener) struct quic_opener *o = NULL;
	struct view got;
	assert_int_equal(quic_opener_new(&o), OK);
	struct view bytes = hex(packet, packet_room, sizeof(packet_room));
	struct view expected = hex(frames, other_room, sizeof(other_room));
	assert_int_equal(open_packet(o, bytes, side, 0, &got), OK);
	assert_int_equal(got.size, expected.size + padding);
	assert_true(view_starts_with(got, expected));
	for (size_t i = expected.size; i < got.size; i++)
		assert_int_equal(got.bytes[i], 0);
}

static void the_samples_of_the_rfcs_are_opened(void **state)
{
	(void)state;
	expect_frames(vector_client_v1, QUIC_CLIENT, vector_client_frames, 917);
	expect_frames(vector_client_v2, QUIC_CLIENT, vector_client_frames, 917);
	expect_frames(vector_server_v1, QUIC_SERVER, vector_server_frames, 0);
	expect_frames(vector_server_v2, QUIC_SERVER, vector_server_frames, 0);
}

static void any_flipped_bit_is_refused(void **state)
{
	cleanup(quic_opener) struct quic_opener *o = NULL;
	struct quic_packet p;
	struct view got;
	(void)state;
	assert_int_equal(quic_opener_new(&o), OK);
	struct view bytes = hex(vector_server_v1, packet_room, sizeof(packet_room));
	for (size_t i = 0; i < 8 * bytes.size; i++) {
		packet_room[i / 8] ^= (uint8_t)(1U << (i % 8));
		/* what is no Initial, or of another version, is none for this test */
		if (quic_read(bytes, &p) == OK && p.type == QUIC_INITIAL)
			assert_int_not_equal(open_packet(o, p.bytes, QUIC_SERVER, 0, &got), OK);
		packet_room[i / 8] ^= (uint8_t)(1U << (i % 8));
	}
	assert_int_equal(open_packet(o, bytes, QUIC_SERVER, 0, &got), OK);
	assert_int_equal(open_packet(o, bytes, QUIC_CLIENT, 0, &got), ERR_SIGNATURE);
}

static void a_number_is_the_nearest_to_what_is_expected(void **state)
{
	static const struct {
		struct quic_number number;
		uint64_t next, full;
	} rows[] = {
		{{.value = 0x9b32, .size = 2}, 0xa82f30eb, 0xa82f9b32}, /* RFC 9000 s A.3 */
		{{.value = 0, .size = 1}, 0, 0},
		{{.value = 255, .size = 1}, 0, 255},
		{{.value = 1, .size = 1}, 256, 257},
		{{.value = 255, .size = 1}, 256, 255},
		{{.value = 0, .size = 1}, 255, 256},
		{{.value = 0xffffffff, .size = 4}, 0, 0xffffffff},
		{{.value = 5, .size = 1}, QUIC_VALUE_MAX, QUIC_VALUE_MAX - 250},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(quic_number_decode(rows[i].number, rows[i].next), rows[i].full);
}

static void a_retry_is_for_one_connection(void **state)
{
	cleanup(quic_opener) struct quic_opener *o = NULL;
	const char *retries[] = {vector_retry_v1, vector_retry_v2};
	struct quic_packet p;
	(void)state;
	assert_int_equal(quic_opener_new(&o), OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(quic_read(hex(retries[i], packet_room, sizeof(packet_room)), &p),
		                 OK);
		assert_true(quic_retry_is_for(o, &p, dcid()));
		assert_false(quic_retry_is_for(o, &p, view_of(dcid().bytes, 7)));
		packet_room[p.bytes.size - 1] ^= 1;
		assert_false(quic_retry_is_for(o, &p, dcid()));
	}
}

static void what_is_too_short_or_too_long_is_not_opened(void **state)
{
	cleanup(quic_opener) struct quic_opener *o = NULL;
	struct quic_keys keys;
	struct quic_number number = {.size = 4};
	struct quic_packet p;
	struct view got;
	(void)state;
	assert_int_equal(quic_opener_new(&o), OK);
	assert_int_equal(quic_keys_derive(V1, dcid(), QUIC_CLIENT, &keys), OK);
	assert_int_equal(quic_keys_derive(0x0a1a2a3a, dcid(), QUIC_CLIENT, &keys), ERR_MALFORMED);
	struct view bytes = hex("c00000000100000013"
	                        "00112233445566778899aabbccddeeff001122",
	                        packet_room, sizeof(packet_room));
	assert_int_equal(quic_read(bytes, &p), OK);
	assert_int_equal(quic_number_read(o, &keys, &p, &number), ERR_MALFORMED);
	assert_int_equal(quic_initial_open(o, &keys, &p, number, 0, frames_room, 16, &got),
	                 ERR_MALFORMED);
	assert_int_equal(quic_read(hex(vector_client_v1, packet_room, sizeof(packet_room)), &p),
	                 OK);
	assert_int_equal(quic_initial_open(o, &keys, &p, number, 2, frames_room, 1161, &got),
	                 ERR_LIMIT);
}

static void a_packet_is_opened_without_an_allocation(void **state)
{
	cleanup(quic_opener) struct quic_opener *o = NULL;
	struct quic_packet p;
	struct view got;
	(void)state;
	assert_int_equal(quic_opener_new(&o), OK);
	assert_true(allocations > 0); /* they are counted */
	allocations = 0;
	struct view client = hex(vector_client_v1, packet_room, sizeof(packet_room));
	assert_int_equal(open_packet(o, client, QUIC_CLIENT, 0, &got), OK);
	assert_int_equal(open_packet(o, client, QUIC_SERVER, 0, &got), ERR_SIGNATURE);
	assert_int_equal(quic_read(hex(vector_retry_v1, other_room, sizeof(other_room)), &p), OK);
	assert_true(quic_retry_is_for(o, &p, dcid()));
	assert_int_equal(open_packet(o, client, QUIC_CLIENT, 0, &got), OK);
	assert_int_equal(allocations, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_are_those_of_the_rfcs),
		cmocka_unit_test(the_samples_of_the_rfcs_are_opened),
		cmocka_unit_test(any_flipped_bit_is_refused),
		cmocka_unit_test(a_number_is_the_nearest_to_what_is_expected),
		cmocka_unit_test(a_retry_is_for_one_connection),
		cmocka_unit_test(what_is_too_short_or_too_long_is_not_opened),
		cmocka_unit_test(a_packet_is_opened_without_an_allocation),
	};
	/* before libcrypto's first allocation, or it does nothing */
	if (!CRYPTO_set_mem_functions(counting_malloc, counting_realloc, plain_free))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
