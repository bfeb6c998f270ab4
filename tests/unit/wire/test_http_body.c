#include "tests/test.h"
#include "wire/http_body.h"

/* What follows a chunked head, how much of it is used, and what comes then. */
static const struct {
	const char *bytes;
	size_t used;
	enum http_next next;
} chunked[] = {
	{"0\r\n\r\nGET", 5, HTTP_NEXT_HEAD},
	{"5\r\nhello\r\n0\r\n\r\nGET", 15, HTTP_NEXT_HEAD},
	{"1a;x=\"y\"\r\nabcdefghijklmnopqrstuvwxyz\r\n00\r\nA: b\r\nC:\r\n\r\nX", 54,
         HTTP_NEXT_HEAD},
	{"5\r\nhel", 6, HTTP_NEXT_BODY},
	{"5\r\nhello\r\n0\r\n\r", 14, HTTP_NEXT_BODY},
	{"5\nhello", 1, HTTP_NEXT_UNKNOWN},
	{"GET / HTTP/1.1", 0, HTTP_NEXT_UNKNOWN},
	{"\r\n", 0, HTTP_NEXT_UNKNOWN},
	{"5 \r\nhello", 1, HTTP_NEXT_UNKNOWN},
	{"0x5\r\nhello", 1, HTTP_NEXT_UNKNOWN},
	{"-1\r\n", 0, HTTP_NEXT_UNKNOWN},
	{"5\r\nhelloGET", 8, HTTP_NEXT_UNKNOWN},
	{"5;\n", 2, HTTP_NEXT_UNKNOWN},
	{"1111111111111111\r\n", 15, HTTP_NEXT_UNKNOWN},
	{"0\r\nA\n\r\n", 4, HTTP_NEXT_UNKNOWN},
};

static void open_chunked(struct http_body *ret)
{
	http_body_open(&(struct http_request){.framing = HTTP_FRAMING_CHUNKED}, ret);
}

static void chunks_are_walked_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chunked) / sizeof(*chunked); i++) {
		struct http_body b;
		size_t used;
		open_chunked(&b);
		enum http_next next = http_body_feed(&b, view_text(chunked[i].bytes), &used);
		if (next != chunked[i].next || used != chunked[i].used)
			fail_msg("%d after %zu of %s", (int)next, used, chunked[i].bytes);
	}
}

static void pieces_are_as_good_as_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chunked) / sizeof(*chunked); i++) {
		struct http_body b;
		enum http_next next = HTTP_NEXT_BODY;
		size_t used, all = 0;
		open_chunked(&b);
		for (size_t at = 0; chunked[i].bytes[at] && next == HTTP_NEXT_BODY; at++) {
			next = http_body_feed(&b, view_of(chunked[i].bytes + at, 1), &used);
			all += used;
		}
		if (next == HTTP_NEXT_BODY)
			next = http_body_feed(&b, view_of(NULL, 0), &used);
		assert_int_equal(next, chunked[i].next);
		assert_int_equal(all, chunked[i].used);
	}
}

static void a_length_is_counted_and_no_body_is_none(void **state)
{
	struct http_body b;
	size_t used;
	(void)state;
	http_body_open(&(struct http_request){.framing = HTTP_FRAMING_LENGTH, .body_size = 5}, &b);
	assert_int_equal(http_body_feed(&b, view_text("abc"), &used), HTTP_NEXT_BODY);
	assert_int_equal(used, 3);
	assert_int_equal(http_body_feed(&b, view_text("deGET"), &used), HTTP_NEXT_HEAD);
	assert_int_equal(used, 2);
	struct http_request upgrade = {
		.framing = HTTP_FRAMING_LENGTH, .body_size = 1, .is_upgrade = true};
	http_body_open(&upgrade, &b);
	assert_int_equal(http_body_feed(&b, view_text("aPRI"), &used), HTTP_NEXT_OTHER);
	http_body_open(&(struct http_request){.framing = HTTP_FRAMING_NONE}, &b);
	assert_int_equal(http_body_feed(&b, view_text("GET"), &used), HTTP_NEXT_HEAD);
	assert_int_equal(used, 0);
}

static void what_is_not_known_stays_so(void **state)
{
	struct http_body b;
	size_t used;
	(void)state;
	http_body_open(&(struct http_request){.framing = HTTP_FRAMING_OTHER}, &b);
	assert_int_equal(http_body_feed(&b, view_text("PRI"), &used), HTTP_NEXT_OTHER);
	assert_int_equal(used, 0);
	http_body_open(&(struct http_request){.framing = HTTP_FRAMING_UNKNOWN}, &b);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(http_body_feed(&b, view_text("0\r\n\r\n"), &used),
		                 HTTP_NEXT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_are_walked_strictly),
		cmocka_unit_test(pieces_are_as_good_as_the_whole),
		cmocka_unit_test(a_length_is_counted_and_no_body_is_none),
		cmocka_unit_test(what_is_not_known_stays_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
