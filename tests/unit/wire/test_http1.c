#include "tests/test.h"
#include "wire/http1.h"

#define GET  "GET /dns-query?dns=AAAA HTTP/1.1\r\n"
#define HOST "Host: x\r\n"

static int parse(const char *text, struct http1_request *ret)
{
	return http1_parse(view_text(text), ret);
}

static void a_request_is_read_and_every_prefix_is_truncated(void **state)
{
	static const char text[] =
		"POST /dns-query HTTP/1.1\r\nhOST:x\r\nContent-Length: 33 \r\n"
		"Content-Type:\tapplication/dns-message\r\nConnection: a, Close\r\n"
		"Expect: 100-continue\r\n\r\n";
	struct http1_request r;
	(void)state;
	assert_int_equal(parse(text, &r), OK);
	assert_true(view_is(r.method, "POST") && view_is(r.target, "/dns-query"));
	assert_true(view_is(r.content_type, "application/dns-message"));
	assert_int_equal(r.head_size, sizeof(text) - 1);
	assert_int_equal(r.body_size, 33);
	assert_true(r.wants_close && r.wants_go_ahead);
	for (size_t i = 0; i < r.head_size; i++)
		assert_int_equal(http1_parse(view_of(text, i), &r), ERR_TRUNCATED);
}

static void a_connection_is_kept_unless_either_version_or_field_say_otherwise(void **state)
{
	struct http1_request r;
	(void)state;
	assert_int_equal(parse(GET HOST "\r\n", &r), OK);
	assert_false(r.wants_close);
	assert_int_equal(parse(GET HOST "Connection: keep-alive\r\n\r\n", &r), OK);
	assert_false(r.wants_close);
	assert_int_equal(parse("GET /x HTTP/1.0\r\n\r\n", &r), OK);
	assert_true(r.wants_close);
}

static void the_absolute_form_leads_to_the_same_path(void **state)
{
	struct http1_request r;
	(void)state;
	assert_int_equal(parse("GET https://x:1/a?b HTTP/1.1\r\n" HOST "\r\n", &r), OK);
	assert_true(view_is(r.target, "/a?b"));
}

/* What two readers could understand in two ways is no request. */
static const struct {
	const char *text;
	int status;
} refused[] = {
	{GET "\r\n", 400},
	{GET HOST HOST "\r\n", 400},
	{"GET  /x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET /x\r\n" HOST "\r\n", 400},
	{"GET /x y HTTP/1.1\r\n" HOST "\r\n", 400},
	{"G\tT /x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"GET https://x HTTP/1.1\r\n" HOST "\r\n", 400},
	{"\r\n" GET HOST "\r\n", 400},
	{"GET /x HTTP/1.1\n" HOST "\r\n", 400},
	{GET HOST "A: b\n\r\n", 400},
	{GET HOST "A: b\rC: d\r\n\r\n", 400},
	{GET HOST " folded\r\n\r\n", 400},
	{GET HOST "A : b\r\n\r\n", 400},
	{GET HOST ": b\r\n\r\n", 400},
	{GET HOST "A\r\n\r\n", 400},
	{GET HOST "A: \x01\r\n\r\n", 400},
	{GET HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
	{GET HOST "Content-Length: +1\r\n\r\n", 400},
	{GET HOST "Content-Length: 1,1\r\n\r\n", 400},
	{GET HOST "Content-Length: 0x1\r\n\r\n", 400},
	{GET HOST "Content-Length:\r\n\r\n", 400},
	{GET HOST "Content-Length: 99999999999999999999\r\n\r\n", 400},
	{GET HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{GET HOST "Transfer-Encoding: chunked\r\n\r\n", 411},
	{GET HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
	{GET HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{GET HOST "Expect: miracles\r\n\r\n", 417},
	{"GET /x HTTP/2.0\r\n\r\n", 505},
	{"GET /x http/1.1\r\n\r\n", 400},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
};

static void what_could_be_understood_in_two_ways_is_refused(void **state)
{
	struct http1_request r;
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		int status = parse(refused[i].text, &r);
		if (status != refused[i].status)
			fail_msg("%d for %s", status, refused[i].text);
		assert_string_not_equal(http1_reason(status), "Error");
	}
}

static void endless_lines_and_fields_are_refused_at_the_limit(void **state)
{
	static char text[HTTP1_HEAD_SIZE_MAX + 1];
	struct http1_request r;
	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(http1_parse(view_of(text, HTTP1_HEAD_SIZE_MAX - 1), &r), ERR_TRUNCATED);
	assert_int_equal(http1_parse(view_of(text, HTTP1_HEAD_SIZE_MAX), &r), 414);
	memcpy(text, GET, sizeof(GET) - 1);
	assert_int_equal(http1_parse(view_of(text, HTTP1_HEAD_SIZE_MAX), &r), 431);
	char many[1024] = GET HOST;
	for (int i = 0; i < HTTP1_FIELDS_MAX; i++)
		strcat(many, "a:b\r\n");
	strcat(many, "\r\n");
	assert_int_equal(parse(many, &r), 431);
}

static void a_byte_of_zero_is_no_part_of_a_name(void **state)
{
	static const char text[] = GET "Ho\0st: x\r\n\r\n";
	struct http1_request r;
	(void)state;
	assert_int_equal(http1_parse(view_of(text, sizeof(text) - 1), &r), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read_and_every_prefix_is_truncated),
		cmocka_unit_test(a_connection_is_kept_unless_either_version_or_field_say_otherwise),
		cmocka_unit_test(the_absolute_form_leads_to_the_same_path),
		cmocka_unit_test(what_could_be_understood_in_two_ways_is_refused),
		cmocka_unit_test(endless_lines_and_fields_are_refused_at_the_limit),
		cmocka_unit_test(a_byte_of_zero_is_no_part_of_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
