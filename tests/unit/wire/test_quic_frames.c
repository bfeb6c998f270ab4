#include "tests/test.h"
#include "tests/unit/wire/hex.h"
#include "wire/quic.h"
#include "wire/quic_frames.h"

static uint8_t room[256];

static void the_frames_of_an_initial_are_walked(void **state)
{
	/* ACK with two more ranges, padding, ACK with ECN counts, PING, CRYPTO at 1000, CLOSE */
	struct view rest = hex("0205000200010002"
	                       "01"
	                       "000000"
	                       "0305000000"
	                       "010203"
	                       "01"
	                       "0643e803616263"
	                       "1c0a0602"
	                       "6e6f",
	                       room, sizeof(room));
	static const enum quic_frame_type types[] = {QUIC_FRAME_ACK,     QUIC_FRAME_PADDING,
	                                             QUIC_FRAME_ACK_ECN, QUIC_FRAME_PING,
	                                             QUIC_FRAME_CRYPTO,  QUIC_FRAME_CLOSE};
	struct quic_frame f;
	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		assert_int_equal(quic_frame_next(&rest, &f), OK);
		assert_int_equal(f.type, types[i]);
		if (f.type == QUIC_FRAME_CRYPTO) {
			assert_int_equal(f.offset, 1000);
			assert_true(view_is(f.data, "abc"));
		}
	}
	assert_int_equal(f.error, 10);
	assert_true(view_is(f.data, "no"));
	assert_int_equal(quic_frame_next(&rest, &f), ERR_MISSING);
}

static void expect(const char *text, int code)
{
	struct view rest = hex(text, room, sizeof(room)), before = rest;
	struct quic_frame f;
	assert_int_equal(quic_frame_next(&rest, &f), code);
	if (code)
		assert_true(rest.bytes == before.bytes && rest.size == before.size);
}

static void a_frame_that_no_initial_carries_is_malformed(void **state)
{
	(void)state;
	expect("0700", ERR_MALFORMED);        /* NEW_TOKEN */
	expect("0800", ERR_MALFORMED);        /* STREAM */
	expect("1d000000", ERR_MALFORMED);    /* CLOSE of an application */
	expect("1e", ERR_MALFORMED);          /* HANDSHAKE_DONE */
	expect("7fff", ERR_MALFORMED);        /* none that exists */
	expect("40060003616263", OK);         /* CRYPTO, its type in two bytes */
	expect("c00000000000000600016f", OK); /* in eight */
}

static void what_does_not_end_in_the_packet_is_malformed(void **state)
{
	(void)state;
	expect("060004616263", ERR_MALFORMED);
	expect("06", ERR_MALFORMED);
	expect("0600ffffffffffffffff61", ERR_MALFORMED);
	expect("06ffffffffffffffff0161", ERR_MALFORMED); /* beyond the largest offset */
	expect("06fffffffffffffffe0161", OK);
	expect("0205000200010002", ERR_MALFORMED); /* the last range has no length */
	expect("020500ffffffffffffffff00", ERR_MALFORMED);
	expect("030500000001", ERR_MALFORMED);
	expect("1c000005", ERR_MALFORMED);
	expect("40", ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_frames_of_an_initial_are_walked),
		cmocka_unit_test(a_frame_that_no_initial_carries_is_malformed),
		cmocka_unit_test(what_does_not_end_in_the_packet_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
