#include "tests/test.h"
#include "wire/http_request.h"

#define GET "GET /a HTTP/1.1\r\n"

static struct http_request parse(const char *text)
{
	struct http_request r;
	int code = http_request_parse(view_text(text), &r);
	if (code != OK)
		fail_msg("%d for %s", code, text);
	return r;
}

/* Heads, the names that some server may take, and whether a strict one would refuse the head. */
static const struct {
	const char *head;
	const char *names[4];
	bool is_odd;
} heads[] = {
	{GET "Host: a.example\r\n\r\n", {"a.example"}, false},
	{GET "hOsT:a.example:8080\r\n\r\n", {"a.example"}, false},
	{GET "Host: A.Example.\r\n\r\n", {"A.Example"}, false},
	{GET "Host: 192.0.2.1:80\r\n\r\n", {"192.0.2.1"}, false},
	{GET "Host: [2001:db8::1]:80\r\n\r\n", {"2001:db8::1"}, false},
	{GET "Host:\r\n\r\n", {0}, false},
	{GET "\r\n", {0}, true},
	{"GET /a HTTP/1.0\r\n\r\n", {0}, false},
	{"GET http://a.example:80/b?c HTTP/1.1\r\nHost: b.example\r\n\r\n",
         {"a.example", "b.example"},
         false},
	{"GET HTTPS://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{"GET http://u:p@a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
         {"u", "a.example"},
         false},
	{"GET a.example/b HTTP/1.1\r\nHost: b.example\r\n\r\n", {"a.example", "b.example"}, true},
	{"CONNECT a.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n",
         {"a.example", "b.example"},
         false},
	{"OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{GET "Host: a.example\r\nHost: b.example\r\n\r\n", {"a.example", "b.example"}, true},
	{GET "Host: a.example\r\nHost: A.EXAMPLE\r\n\r\n", {"a.example"}, true},
	{GET "Host:\r\n a.example\r\n\r\n", {"a.example"}, true},
	{GET "Host: a.example\r\n\tb.example\r\n\r\n", {"a.example", "b.example"}, true},
	{GET " Host: a.example\r\nHost: b.example\r\n\r\n", {"a.example", "b.example"}, true},
	{GET "Host : a.example\r\n\r\n", {"a.example"}, true},
	{GET "Host\t: a.example\r\n\r\n", {"a.example"}, true},
	{GET "\x0bHost: a.example\r\n\r\n", {"a.example"}, true},
	{GET "Host: a.example, b.example\r\n\r\n", {"a.example", "b.example"}, true},
	{GET "Host: a.example b.example\r\n\r\n", {"a.example", "b.example"}, true},
	{GET "Host: a.example@b.example:1\r\n\r\n", {"a.example", "b.example"}, true},
	{GET "Host: http://a.example/\r\n\r\n", {"http"}, true},
	{GET "Host: a.example/b.example\r\n\r\n", {"a.example"}, true},
	{GET "X: y\rHost: a.example\r\n\r\n", {"a.example"}, true},
	{"GET /a HTTP/1.1\rHost: a.example\r\n\r\n", {"a.example"}, true},
	{"GET /a HTTP/1.1\nHost: a.example\n\n", {"a.example"}, true},
	{"\r\n\r\nGET /a HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{" GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"GET\t/a\tHTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{"GET  /a  HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"GET /a b HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"GET /a,b HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{"GET /a HTTP/1.9\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"GET /a http/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"FOO-BAR /a HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{"GET\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"OPTIONS HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"OPTIONSHTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"POST/ HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"PUT/HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"CCM_POST /HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{"PUT /HTTP/1.1\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{GET "No colon\r\nHost: a.example\r\n\r\n", {"a.example"}, true},
	{GET "X-Host: b.example\r\nHost: a.example\r\n\r\n", {"a.example"}, false},
	{"GET http://a.example/\r\n", {"a.example"}, true},
};

static void every_name_that_some_server_may_take_is_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct http_request r = parse(heads[i].head);
		unsigned count = 0;
		for (; count < 4 && heads[i].names[count]; count++) {
			if (count >= r.names_count ||
			    !view_is(r.names[count], heads[i].names[count]))
				fail_msg("%s is not read of %s", heads[i].names[count],
				         heads[i].head);
		}
		if (r.names_count != count || r.is_odd != heads[i].is_odd)
			fail_msg("%u names, odd %d: %s", r.names_count, r.is_odd, heads[i].head);
		assert_int_equal(r.head_size, strlen(heads[i].head));
	}
}

static void every_prefix_is_truncated_and_has_no_name_that_the_whole_has_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct http_request r, whole = parse(heads[i].head);
		for (size_t size = 0; size < whole.head_size; size++) {
			struct view prefix = view_of(heads[i].head, size);
			assert_int_equal(http_request_parse(prefix, &r), ERR_TRUNCATED);
			if (http_request_parse_part(prefix, &r) != OK)
				continue;
			assert_true(r.names_count <= whole.names_count && r.head_size <= size);
			for (unsigned n = 0; n < r.names_count; n++)
				assert_true(view_equal(r.names[n], whole.names[n]));
		}
	}
}

static void a_part_has_the_names_of_its_whole_lines(void **state)
{
	static const char head[] = GET "Host: a.example\r\nX: ";
	struct http_request r;
	(void)state;
	assert_int_equal(http_request_parse_part(view_of(head, sizeof(head) - 1), &r), OK);
	assert_int_equal(r.names_count, 1);
	assert_int_equal(r.head_size, sizeof(head) - 1 - 3);
	assert_int_equal(r.framing, HTTP_FRAMING_UNKNOWN);
	assert_int_equal(http_request_parse_part(view_of(head, sizeof(head) - 6), &r), OK);
	assert_int_equal(r.names_count, 0);
}

static const struct {
	const char *bytes;
	int code;
} others[] = {
	{"", ERR_TRUNCATED},
	{"\r\n", ERR_TRUNCATED},
	{"GE", ERR_TRUNCATED},
	{"GET", ERR_TRUNCATED},
	{"EHLO x", ERR_TRUNCATED},
	{"EHLO x\r\n", ERR_MISSING},
	{"SSH-2.0-OpenSSH_9.2\r\n", ERR_MISSING},
	{"OPTIONS rtsp://a.example/ RTSP/1.0\r\n", ERR_MISSING},
	{"\x16\x03\x01", ERR_MISSING},
	{"GET\x01", ERR_MISSING},
	{"G@", ERR_MISSING},
	{"POST /a\r\n", ERR_MISSING},
	{"POSTS\r\n", ERR_MISSING},
	{"STAT\r\n", ERR_MISSING},
	{"STAT a\r\n", ERR_MISSING},
	{"HTTP/1.1\r\n", ERR_MISSING},
	{"GET/a", ERR_TRUNCATED},
	{"GOT/a", ERR_MISSING},
	{"GET/a\r\n", ERR_MISSING},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ERR_VERSION},
};

static void what_is_no_request_is_told_early(void **state)
{
	struct http_request r = {.head_size = 77};
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		int code = http_request_parse(view_text(others[i].bytes), &r);
		if (code != others[i].code)
			fail_msg("%d for %s", code, others[i].bytes);
	}
	assert_int_equal(r.head_size, 77);
}

static void an_endless_method_is_none(void **state)
{
	char text[HTTP_REQUEST_METHOD_MAX + 1];
	struct http_request r;
	(void)state;
	memset(text, 'G', sizeof(text));
	assert_int_equal(http_request_parse(view_of(text, HTTP_REQUEST_METHOD_MAX), &r),
	                 ERR_TRUNCATED);
	assert_int_equal(http_request_parse(view_of(text, sizeof(text)), &r), ERR_MISSING);
}

static void more_names_than_are_kept_are_noted(void **state)
{
	struct http_request r = parse(GET "Host: a b c d e f g h\r\n\r\n");
	(void)state;
	assert_true(r.names_count == HTTP_REQUEST_NAMES_MAX && !r.has_more_names);
	r = parse(GET "Host: a b c d e f g h i\r\n\r\n");
	assert_true(r.names_count == HTTP_REQUEST_NAMES_MAX && r.has_more_names);
}

static void a_name_with_a_nul_is_given_up_to_that(void **state)
{
	static const char head[] = GET "Host: a.example\0.b.example\r\n\r\n";
	struct http_request r;
	(void)state;
	assert_int_equal(http_request_parse(view_of(head, sizeof(head) - 1), &r), OK);
	assert_true(r.names_count == 2 && view_is(r.names[0], "a.example") && r.is_odd);
}

static void a_head_of_60_kilobytes_is_read(void **state)
{
	static char head[60000];
	struct http_request r;
	(void)state;
	memset(head, 'x', sizeof(head));
	memcpy(head, GET "X: ", sizeof(GET "X: ") - 1);
	static const char end[] = "\r\nHost: a.example\r\n\r\n";
	memcpy(head + sizeof(head) - (sizeof(end) - 1), end, sizeof(end) - 1);
	assert_int_equal(http_request_parse(view_of(head, sizeof(head)), &r), OK);
	assert_true(r.names_count == 1 && !r.is_odd && r.head_size == sizeof(head));
	assert_int_equal(http_request_parse(view_of(head, sizeof(head) - 1), &r), ERR_TRUNCATED);
}

#define H "Host: a\r\n"
static const struct {
	const char *head;
	enum http_framing framing;
	uint64_t size;
} framings[] = {
	{GET H "\r\n", HTTP_FRAMING_NONE, 0},
	{GET H "Content-Length: 0\r\n\r\n", HTTP_FRAMING_NONE, 0},
	{"POST / HTTP/1.1\r\n" H "Content-Length: 17\r\n\r\n", HTTP_FRAMING_LENGTH, 17},
	{"POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", HTTP_FRAMING_CHUNKED, 0},
	{"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
         HTTP_FRAMING_UNKNOWN, 1},
	{"POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", HTTP_FRAMING_UNKNOWN, 0},
	{"POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", HTTP_FRAMING_UNKNOWN, 0},
	{"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         HTTP_FRAMING_UNKNOWN, 1},
	{"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP_FRAMING_UNKNOWN,
         0},
	{"POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", HTTP_FRAMING_UNKNOWN, 0},
	{"POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n", HTTP_FRAMING_UNKNOWN, 0},
	{GET H "Content-Length: 5\r\n\r\n", HTTP_FRAMING_UNKNOWN, 5},
	{GET H H "\r\n", HTTP_FRAMING_UNKNOWN, 0},
	{"GET /\r\n", HTTP_FRAMING_UNKNOWN, 0},
	{"CONNECT a:1 HTTP/1.1\r\n" H "\r\n", HTTP_FRAMING_OTHER, 0},
	{"CONNECT a:1 HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", HTTP_FRAMING_OTHER, 0},
	{"CONNECT a:1 HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", HTTP_FRAMING_TORN, 5},
	{"CONNECT a:1 HTTP/1.1\r\n" H "Content-Length: x\r\n\r\n", HTTP_FRAMING_TORN, 0},
	{"CONNECT a:1 HTTP/1.1\r\n" H "Transfer-Encoding: x\r\n\r\n", HTTP_FRAMING_TORN, 0},
	{GET H "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", HTTP_FRAMING_OTHER, 0},
	{GET H "Upgrade: h2c\r\nContent-Length: 5\r\n\r\n", HTTP_FRAMING_UNKNOWN, 5},
	{"POST / HTTP/1.1\r\n" H "Upgrade: h2c\r\nContent-Length: 5\r\n\r\n", HTTP_FRAMING_LENGTH,
         5},
};

static void how_a_body_ends_is_known_only_where_all_readers_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(framings) / sizeof(*framings); i++) {
		struct http_request r = parse(framings[i].head);
		if (r.framing != framings[i].framing || r.body_size != framings[i].size)
			fail_msg("%d for %s", (int)r.framing, framings[i].head);
	}
}

static void a_scan_finds_names_wherever_heads_are(void **state)
{
	static const char *const names[] = {"a.example", "b.example", "c.example"};
	struct view rest =
		view_text("rubbish\r\n5\r\nGET http://a.example/ HTTP/1.1\r\n"
	                  "Host:\r\n b.example\r\n\r\nx\nhost: c.example\nHost: d.example");
	struct http_request r;
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		http_request_scan(rest, &r);
		assert_int_equal(r.names_count, 1);
		assert_true(view_is(r.names[0], names[i]));
		rest = view_skip(rest, r.head_size);
	}
	http_request_scan(rest, &r);
	assert_int_equal(r.names_count + r.head_size, 0);
	assert_true(view_is(rest, "Host: d.example"));
}

static void a_scan_finds_what_a_request_names_behind_rubbish_on_its_line(void **state)
{
	static const char *const lines[] = {
		"a b cGET http://a.example/ HTTP/1.1\r\n",
		"a http://b c\0GET https://a.example:443/x HTTP/1.1\r\n",
		"{\"x\": \"y\"}GET http://u@a.example HTTP/1.1\r\n",
	};
	struct http_request r;
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		bool is_there = false;
		size_t size = i == 1 ? 51 : strlen(lines[i]);
		http_request_scan(view_of(lines[i], size), &r);
		for (unsigned k = 0; k < r.names_count; k++)
			is_there |= view_is(r.names[k], "a.example");
		assert_true(is_there);
	}
	http_request_scan(view_text("Referer: http://a.example/\r\nsee http://a.example/\r\n"), &r);
	assert_int_equal(r.names_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_that_some_server_may_take_is_given),
		cmocka_unit_test(every_prefix_is_truncated_and_has_no_name_that_the_whole_has_not),
		cmocka_unit_test(a_part_has_the_names_of_its_whole_lines),
		cmocka_unit_test(what_is_no_request_is_told_early),
		cmocka_unit_test(an_endless_method_is_none),
		cmocka_unit_test(more_names_than_are_kept_are_noted),
		cmocka_unit_test(a_name_with_a_nul_is_given_up_to_that),
		cmocka_unit_test(a_head_of_60_kilobytes_is_read),
		cmocka_unit_test(how_a_body_ends_is_known_only_where_all_readers_agree),
		cmocka_unit_test(a_scan_finds_names_wherever_heads_are),
		cmocka_unit_test(a_scan_finds_what_a_request_names_behind_rubbish_on_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
