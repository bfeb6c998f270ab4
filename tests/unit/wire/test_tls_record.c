#include "tests/test.h"
#include "tests/unit/wire/tls_fixtures.h"
#include "wire/tls_record.h"

enum { HANDSHAKE = 22, ALERT = 21, CIPHER_SPEC = 20, DATA = 23, HEARTBEAT = 24 };

static uint8_t hello[1 << 16], stream[1 << 18], room[1 << 15];

static struct view small_hello(void)
{
	struct hello_maker h = {.names = {"deepseek.com"}};
	return view_of(hello, make_hello(&h, hello, sizeof(hello)));
}

static int walk(struct view bytes, struct tls_message *ret)
{
	struct tls_records r;
	tls_records_open(bytes, room, sizeof(room), &r);
	return tls_records_next(&r, ret);
}

static void assert_hello(struct view bytes)
{
	struct tls_message m;
	assert_int_equal(walk(bytes, &m), OK);
	assert_int_equal(m.type, TLS_CLIENT_HELLO);
	assert_true(view_equal(m.bytes, small_hello()));
	assert_true(view_equal(m.body, view_skip(small_hello(), TLS_MESSAGE_HEADER_SIZE)));
}

static void a_hello_is_read_however_it_is_cut_into_records(void **state)
{
	struct view message = small_hello();
	struct tls_message m;
	(void)state;
	for (size_t cut = 1; cut <= message.size; cut++) {
		struct writer w = writer_open(stream, sizeof(stream));
		make_records(&w, message, cut);
		assert_hello(view_of(stream, writer_size(&w)));
		for (size_t i = 0; i < writer_size(&w); i++)
			assert_int_equal(walk(view_of(stream, i), &m), ERR_TRUNCATED);
	}
}

static void a_message_in_one_record_is_a_view_and_needs_no_more_than_itself(void **state)
{
	struct writer w = writer_open(stream, sizeof(stream));
	uint8_t both[512] = {0};
	struct view message = small_hello();
	struct tls_message m;
	(void)state;
	memcpy(both, message.bytes, message.size);
	make_record(&w, HANDSHAKE, view_of(both, message.size + 100));
	assert_int_equal(walk(view_of(stream, TLS_RECORD_HEADER_SIZE + message.size), &m), OK);
	assert_ptr_equal(m.bytes.bytes, stream + TLS_RECORD_HEADER_SIZE);
}

static void records_of_other_kinds_and_of_no_bytes_may_lie_within_a_message(void **state)
{
	static const uint8_t kinds[] = {HANDSHAKE, ALERT, CIPHER_SPEC, DATA, HEARTBEAT};
	struct writer w = writer_open(stream, sizeof(stream));
	struct view message = small_hello();
	struct tls_records r;
	struct tls_message m;
	(void)state;
	make_record(&w, HANDSHAKE, view_of(NULL, 0));
	for (size_t i = 0; i < message.size; i++) {
		make_record(&w, HANDSHAKE, view_of(message.bytes + i, 1));
		make_record(&w, kinds[i % 5], view_of("\1\0\0", i % 5 ? i % 4 : 0));
	}
	tls_records_open(view_of(stream, writer_size(&w)), room, sizeof(room), &r);
	assert_int_equal(tls_records_next(&r, &m), OK);
	assert_true(view_equal(m.bytes, message));
	assert_true(r.has_alert && r.has_cipher_spec && r.has_data);
}

static void messages_come_one_after_the_other(void **state)
{
	static const uint8_t other[] = {99, 0, 0, 1, 7};
	struct writer w = writer_open(stream, sizeof(stream));
	struct view message = small_hello();
	uint8_t all[1024];
	struct tls_records r;
	struct tls_message m;
	(void)state;
	memcpy(all, other, sizeof(other));
	memcpy(all + sizeof(other), message.bytes, message.size);
	make_records(&w, view_of(all, sizeof(other) + message.size), 11);
	make_record(&w, CIPHER_SPEC, view_of("\1", 1));
	make_records(&w, message, 1000);
	tls_records_open(view_of(stream, writer_size(&w)), room, sizeof(room), &r);
	assert_int_equal(tls_records_next(&r, &m), OK);
	assert_true(view_equal(m.bytes, view_of(other, sizeof(other))));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(r.has_cipher_spec, false);
		assert_int_equal(tls_records_next(&r, &m), OK);
		assert_true(view_equal(m.bytes, message));
	}
	assert_true(r.has_cipher_spec);
	assert_int_equal(tls_records_next(&r, &m), ERR_TRUNCATED);
	assert_int_equal(r.part.size, 0);
}

static void a_hello_of_40_kilobytes_is_read_in_a_room_of_that_size(void **state)
{
	static uint8_t large_room[1 << 16];
	struct hello_maker h = {.names = {"deepseek.com"}, .padding = 40000};
	struct view message = view_of(hello, make_hello(&h, hello, sizeof(hello)));
	struct writer w = writer_open(stream, sizeof(stream));
	struct tls_records r;
	struct tls_message m;
	(void)state;
	make_records(&w, message, 1 << 14);
	tls_records_open(view_of(stream, writer_size(&w)), large_room, sizeof(large_room), &r);
	assert_int_equal(tls_records_next(&r, &m), OK);
	assert_true(view_equal(m.bytes, message));
}

static void what_is_larger_than_the_room_is_a_limit_and_gives_its_part(void **state)
{
	struct hello_maker h = {.names = {"deepseek.com"}, .padding = 40000};
	struct view message = view_of(hello, make_hello(&h, hello, sizeof(hello)));
	struct writer w = writer_open(stream, sizeof(stream));
	struct tls_records r;
	struct tls_message m = {.type = 77};
	(void)state;
	make_records(&w, message, 1 << 14);
	tls_records_open(view_of(stream, writer_size(&w)), room, sizeof(room), &r);
	assert_int_equal(tls_records_next(&r, &m), ERR_LIMIT);
	assert_true(view_equal(r.part, view_of(message.bytes, sizeof(room))));
	assert_int_equal(m.type, 77);
	/* its header alone says so */
	tls_records_open(view_of(stream, 20), room, sizeof(room), &r);
	assert_int_equal(tls_records_next(&r, &m), ERR_LIMIT);
	assert_true(view_equal(r.part, view_of(message.bytes, 20 - TLS_RECORD_HEADER_SIZE)));
}

static const struct {
	const char *bytes;
	size_t size;
	int code;
} beginnings[] = {
	{"", 0, ERR_TRUNCATED},
	{"\x16", 1, ERR_TRUNCATED},
	{"\x16\x03\x01\x02", 4, ERR_TRUNCATED},
	{"\x16\x03\x01\x00\x00", 5, ERR_TRUNCATED},
	{"\x16\x07\x01\x00\x00", 5, ERR_TRUNCATED}, /* Go takes it */
	{"\x16\x10", 2, ERR_MISSING},
	{"\x16\x03\x01\x49", 4, ERR_MISSING},
	{"\x16\x03\x01\x48\x01", 5, ERR_MISSING},
	{"\x17", 1, ERR_MISSING}, /* nobody begins with data */
	{"GET", 3, ERR_MISSING},
	{"\x00", 1, ERR_MISSING},
	{"\x80", 1, ERR_TRUNCATED},
	{"\x80\x2e\x01\x03", 4, ERR_TRUNCATED},
	{"\x80\x2e\x01\x03\x01", 5, ERR_VERSION},
	{"\x80\x2e\x01\x00\x02", 5, ERR_VERSION},
	{"\x80\x2e\x01\x00\x03", 5, ERR_MISSING},
	{"\x80\x2e\x02", 3, ERR_MISSING},
	{"\x16\x03\x01\x00\x00\x80", 6, ERR_MALFORMED},
	{"\x16\x03\x01\x00\x00\x16\xff\xff\x00\x00", 10, ERR_TRUNCATED},
	{"\x16\x03\x01\x00\x00\x16\x03\x03\x49", 9, ERR_MALFORMED},
	{"\x15\x03\x01\x00\x02\x01", 6, ERR_TRUNCATED},
};

static void what_is_no_tls_is_told_from_what_may_become_tls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		struct tls_message m;
		int code = walk(view_of(beginnings[i].bytes, beginnings[i].size), &m);
		if (code != beginnings[i].code)
			fail_msg("row %zu: %d", i, code);
	}
}

static void a_message_without_records_is_read(void **state)
{
	struct view message = small_hello();
	struct tls_message m;
	(void)state;
	for (size_t i = 0; i < message.size; i++)
		assert_int_equal(tls_message_read(view_of(hello, i), &m), ERR_TRUNCATED);
	assert_int_equal(tls_message_read(view_of(hello, message.size + 9), &m), OK);
	assert_true(view_equal(m.bytes, message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_is_read_however_it_is_cut_into_records),
		cmocka_unit_test(a_message_in_one_record_is_a_view_and_needs_no_more_than_itself),
		cmocka_unit_test(records_of_other_kinds_and_of_no_bytes_may_lie_within_a_message),
		cmocka_unit_test(messages_come_one_after_the_other),
		cmocka_unit_test(a_hello_of_40_kilobytes_is_read_in_a_room_of_that_size),
		cmocka_unit_test(what_is_larger_than_the_room_is_a_limit_and_gives_its_part),
		cmocka_unit_test(what_is_no_tls_is_told_from_what_may_become_tls),
		cmocka_unit_test(a_message_without_records_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
