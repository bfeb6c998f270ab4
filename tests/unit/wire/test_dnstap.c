#include "base/timestamp.h"
#include "tests/test.h"
#include "wire/dnstap.h"
#include "wire/protobuf.h"

static void assert_bytes(const uint8_t *bytes, size_t size, const char *expected,
                         size_t expected_size)
{
	assert_int_equal(size, expected_size);
	assert_memory_equal(bytes, expected, expected_size);
}
#define ASSERT_BYTES(bytes, size, text) assert_bytes(bytes, size, text, sizeof(text) - 1)

/* The examples of the format's own documentation. */
static void fields_are_written_as_the_documentation_shows(void **state)
{
	(void)state;
	const struct protobuf_field inner[] = {protobuf_number(1, 150), {0}};
	const struct protobuf_field outer[] = {
		protobuf_bytes(2, view_text("testing")), protobuf_message(3, inner), {0}};
	uint8_t room[64];
	struct writer w = writer_open(room, sizeof(room));
	protobuf_write(outer, &w);
	ASSERT_BYTES(room, writer_size(&w), "\x12\x07testing\x1a\x03\x08\x96\x01");
	assert_int_equal(protobuf_size(outer), writer_size(&w));
}

static void numbers_of_every_length_are_the_shortest(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		const struct protobuf_field fields[] = {protobuf_number(1, UINT64_C(1) << bit),
		                                        {0}};
		uint8_t room[16];
		struct writer w = writer_open(room, sizeof(room));
		protobuf_write(fields, &w);
		assert_int_equal(writer_size(&w), 1 + bit / 7 + 1);
		assert_int_equal(protobuf_size(fields), writer_size(&w));
		assert_int_equal(room[1 + bit / 7], 1 << bit % 7);
	}
}

static void a_fixed_number_has_its_lowest_byte_first(void **state)
{
	(void)state;
	const struct protobuf_field fields[] = {protobuf_fixed32(9, 0x01020304), {0}};
	uint8_t room[16];
	struct writer w = writer_open(room, sizeof(room));
	protobuf_write(fields, &w);
	ASSERT_BYTES(room, writer_size(&w), "\x4d\x04\x03\x02\x01");
}

static void what_is_not_set_is_left_out(void **state)
{
	(void)state;
	struct dnstap d = {
		.type = DNSTAP_CLIENT_QUERY, .query_at_us = TIME_MIN, .response_at_us = TIME_MIN};
	uint8_t room[64];
	ASSERT_BYTES(room, dnstap_encode(&d, room, sizeof(room)), "\x72\x02\x08\x05\x78\x01");
}

static void a_whole_message_has_its_fields_in_order(void **state)
{
	(void)state;
	struct dnstap_policy policy = {.type = view_text("order"),
	                               .rule = view_text("o/1"),
	                               .value = view_text("x"),
	                               .action = DNSTAP_NXDOMAIN,
	                               .match = DNSTAP_MATCH_QNAME};
	struct dnstap d = {.identity = view_text("i"),
	                   .version = view_text("v"),
	                   .type = DNSTAP_CLIENT_RESPONSE,
	                   .protocol = DNSTAP_TCP,
	                   .client = {.size = 4, .bytes = {192, 0, 2, 1}},
	                   .query_at_us = 2 * SECOND_US,
	                   .response_at_us = 3 * SECOND_US + 1,
	                   .response = view_text("R"),
	                   .policy = &policy};
	uint8_t room[128];
	ASSERT_BYTES(room, dnstap_encode(&d, room, sizeof(room)),
	             "\x0a\x01i\x12\x01v\x72\x32"
	             "\x08\x06\x10\x01\x18\x02\x22\x04\xc0\x00\x02\x01"
	             "\x40\x02\x4d\x00\x00\x00\x00"
	             "\x60\x03\x6d\xe8\x03\x00\x00\x72\x01R"
	             "\x7a\x13\x0a\x05order\x12\x03o/1\x18\x01\x20\x01\x2a\x01x"
	             "\x78\x01");
}

static void what_does_not_fit_is_not_written_in_part(void **state)
{
	(void)state;
	struct dnstap d = {.type = DNSTAP_CLIENT_QUERY, .query = view_text("query")};
	uint8_t room[128];
	size_t size = dnstap_encode(&d, room, sizeof(room));
	assert_true(size > 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(dnstap_encode(&d, room, i), 0);
	assert_int_equal(dnstap_encode(&d, room, size), size);
}

static struct dnstap example(void)
{
	return (struct dnstap){.identity = view_text("i"),
	                       .version = view_text("v"),
	                       .type = DNSTAP_CLIENT_RESPONSE,
	                       .protocol = DNSTAP_DOH,
	                       .client = {.size = 4, .bytes = {192, 0, 2, 1}},
	                       .server = {.size = 4, .bytes = {192, 0, 2, 2}},
	                       .server_port = 853,
	                       .query_at_us = 2 * SECOND_US + 7,
	                       .response_at_us = 3 * SECOND_US + 1,
	                       .query = view_text("Q"),
	                       .response = view_text("R")};
}

static void what_was_written_is_read_again(void **state)
{
	(void)state;
	const struct dnstap_policy policy = {.type = view_text("order"), .action = DNSTAP_NXDOMAIN};
	struct dnstap d = example(), read;
	uint8_t room[128];
	d.policy = &policy;
	size_t size = dnstap_encode(&d, room, sizeof(room));
	assert_int_equal(dnstap_decode(view_of(room, size), &read), OK);
	assert_true(view_is(read.identity, "i") && view_is(read.version, "v"));
	assert_true(view_is(read.query, "Q") && view_is(read.response, "R"));
	assert_int_equal(read.type, d.type);
	assert_int_equal(read.protocol, d.protocol);
	assert_true(address_equal(&read.client, &d.client));
	assert_true(address_equal(&read.server, &d.server));
	assert_int_equal(read.server_port, 853);
	assert_int_equal(read.query_at_us, d.query_at_us);
	assert_int_equal(read.response_at_us, d.response_at_us);
}

/* But one that ends between two fields, before it says that there is a message. */
static void what_is_cut_is_malformed(void **state)
{
	(void)state;
	struct dnstap d = example(), read;
	uint8_t room[128];
	size_t size = dnstap_encode(&d, room, sizeof(room));
	for (size_t i = 0; i < size; i++)
		assert_int_equal(dnstap_decode(view_of(room, i), &read), ERR_MALFORMED);
}

static void fields_of_any_number_and_type_are_passed_over(void **state)
{
	(void)state;
	static const uint8_t bytes[] = "\x08\x01"         /* 1: a number */
				       "\xa0\x06\x96\x01" /* 100: a number */
				       "\xa1\x06"
				       "12345678" /* 100: 8 bytes */
				       "\xa5\x06"
				       "1234" /* 100: 4 bytes */
				       "\x72\x07"
				       "\x08\x05"
				       "\x21"
				       "1234" /* cut within */
				       "\x72\x06"
				       "\x08\x05"
				       "\x5a\x02"
				       "xy" /* the last counts */
				       "\x78\x01";
	struct dnstap read;
	assert_int_equal(dnstap_decode(view_of(bytes, sizeof(bytes) - 1), &read), OK);
	assert_int_equal(read.type, DNSTAP_CLIENT_QUERY);
	assert_int_equal(read.query_at_us, TIME_MIN);
}

static void what_is_no_message_of_a_known_type_is_malformed(void **state)
{
	(void)state;
	static const struct view rows[] = {
		{(const uint8_t *)"\x72\x02\x08\x05\x78\x02", 6}, /* no message */
		{(const uint8_t *)"\x72\x02\x08\x63\x78\x01", 6}, /* type 99 */
		{(const uint8_t *)"\x72\x00\x78\x01", 4},         /* none */
		{(const uint8_t *)"\x73\x74\x78\x01", 4},         /* a group */
		{(const uint8_t *)"\x78\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
		{(const uint8_t *)"\x78\x01", 2},
	};
	struct dnstap read;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(dnstap_decode(rows[i], &read), ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_again),
		cmocka_unit_test(what_is_cut_is_malformed),
		cmocka_unit_test(fields_of_any_number_and_type_are_passed_over),
		cmocka_unit_test(what_is_no_message_of_a_known_type_is_malformed),
		cmocka_unit_test(fields_are_written_as_the_documentation_shows),
		cmocka_unit_test(numbers_of_every_length_are_the_shortest),
		cmocka_unit_test(a_fixed_number_has_its_lowest_byte_first),
		cmocka_unit_test(what_is_not_set_is_left_out),
		cmocka_unit_test(a_whole_message_has_its_fields_in_order),
		cmocka_unit_test(what_does_not_fit_is_not_written_in_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
