#include "tests/test.h"
#include "tests/unit/wire/tls_fixtures.h"
#include "wire/tls_server_hello.h"

#define RETRY_RANDOM                                                       \
	"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" \
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"
#define HELLO_RANDOM "0123456789abcdef0123456789abcdef"
#define HELLO_REST   "\x00\x13\x01\x00\x00\x00"
enum { ANSWER_SIZE = 4 + 2 + 32 + 6, KNOWN_AT = 4 + 2 + 32 };

static const struct view hello = {
	(const uint8_t *)"\x02\x00\x00\x28\x03\x03" HELLO_RANDOM HELLO_REST, ANSWER_SIZE};
static const struct view retry = {
	(const uint8_t *)"\x02\x00\x00\x28\x03\x03" RETRY_RANDOM HELLO_REST, ANSWER_SIZE};

static uint8_t bytes[4096];

/* The answer, which must be known from `known` bytes on, and not before. */
static enum tls_answer answer(const struct writer *w, size_t known)
{
	enum tls_answer early, whole;
	for (size_t i = 0; i < known; i++)
		assert_int_equal(tls_answer_read(view_of(bytes, i), &early), ERR_TRUNCATED);
	assert_int_equal(tls_answer_read(view_of(bytes, known), &early), OK);
	assert_int_equal(tls_answer_read(view_of(bytes, writer_size(w)), &whole), OK);
	return whole;
}

static void a_hello_and_a_retry_are_told_apart_by_their_random(void **state)
{
	struct writer w = writer_open(bytes, sizeof(bytes));
	(void)state;
	make_record(&w, 22, hello);
	assert_int_equal(answer(&w, 5 + KNOWN_AT), TLS_ANSWER_HELLO);
	w = writer_open(bytes, sizeof(bytes));
	make_record(&w, 22, retry);
	assert_int_equal(answer(&w, 5 + KNOWN_AT), TLS_ANSWER_RETRY);
}

static void an_answer_in_records_of_one_byte_is_read(void **state)
{
	struct writer w = writer_open(bytes, sizeof(bytes));
	(void)state;
	make_records(&w, hello, 1);
	assert_int_equal(answer(&w, (size_t)KNOWN_AT * 6), TLS_ANSWER_HELLO);
}

static void what_follows_a_retry_counts(void **state)
{
	(void)state;
	for (size_t cut = 1; cut <= ANSWER_SIZE; cut++) {
		struct writer w = writer_open(bytes, sizeof(bytes));
		enum tls_answer a;
		make_records(&w, retry, cut);
		make_record(&w, 20, view_of("\1", 1));
		assert_int_equal(tls_answer_read(view_of(bytes, writer_size(&w)), &a), OK);
		assert_int_equal(a, TLS_ANSWER_RETRY);
		struct writer refused = w;
		make_records(&w, hello, cut);
		assert_int_equal(tls_answer_read(view_of(bytes, writer_size(&w)), &a), OK);
		assert_int_equal(a, TLS_ANSWER_HELLO);
		make_record(&refused, 21, view_of("\2\50", 2));
		assert_int_equal(tls_answer_read(view_of(bytes, writer_size(&refused)), &a), OK);
		assert_int_equal(a, TLS_ANSWER_ALERT);
	}
}

static void an_alert_is_an_answer_and_a_hello_request_is_not(void **state)
{
	struct writer w = writer_open(bytes, sizeof(bytes));
	(void)state;
	make_record(&w, 21, view_of("\2\160", 2));
	assert_int_equal(answer(&w, 5), TLS_ANSWER_ALERT);
	w = writer_open(bytes, sizeof(bytes));
	make_record(&w, 22, view_of("\0\0\0\0", 4));
	make_record(&w, 22, hello);
	assert_int_equal(answer(&w, 9 + 5 + KNOWN_AT), TLS_ANSWER_HELLO);
}

static void what_is_no_answer_is_refused(void **state)
{
	enum tls_answer a = 99;
	(void)state;
	assert_int_equal(tls_answer_read(view_text("HTTP/1.1 400 Bad Request"), &a), ERR_MISSING);
	assert_int_equal(tls_answer_read(view_of("\x16\3\3\0\5\1", 6), &a), ERR_MALFORMED);
	assert_int_equal(tls_answer_read(view_of("\x16\3\3\0\0GET", 8), &a), ERR_MALFORMED);
	assert_int_equal(a, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_and_a_retry_are_told_apart_by_their_random),
		cmocka_unit_test(an_answer_in_records_of_one_byte_is_read),
		cmocka_unit_test(what_follows_a_retry_counts),
		cmocka_unit_test(an_alert_is_an_answer_and_a_hello_request_is_not),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
