#include "base/writer.h"
#include "tests/test.h"
#include "tests/unit/wire/corpus.h"
#include "wire/http2_request.h"

#define PREFACE  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
/* :method GET, :authority that is remembered */
#define HEAD           \
	"\x82\x41\x09" \
	"a.example"
#define PRIORITY "\0\0\0\0\x0f"
enum { END = 4, PADDED = 8, HAS_PRIORITY = 0x20, HEADERS = 1, CONTINUATION = 9, DATA = 0 };

static uint8_t bytes[1 << 16];
static struct http2_room room;

static struct writer begin(void)
{
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_view(&w, view_text(PREFACE));
	write_bytes(&w, SETTINGS, sizeof(SETTINGS) - 1);
	return w;
}

static void frame(struct writer *w, uint8_t type, uint8_t flags, const void *payload, size_t size)
{
	write_uint(w, size, 3);
	write_u8(w, type);
	write_u8(w, flags);
	write_u32(w, 1);
	write_bytes(w, payload, size);
}
#define FRAME(w, type, flags, text) frame(w, type, flags, text, sizeof(text) - 1)

static int next_of(const struct writer *w, struct http2_requests *walk, struct http2_request *ret)
{
	http2_requests_open(view_of(bytes, writer_size(w)), &room, walk);
	return http2_requests_next(walk, ret);
}

static void assert_one(const struct writer *w, const char *name)
{
	struct http2_requests walk;
	struct http2_request r;
	assert_int_equal(next_of(w, &walk, &r), OK);
	assert_true(r.is_request && r.names_count == 1 && view_is(r.names[0], name));
	assert_int_equal(r.end, writer_size(w));
	assert_int_equal(http2_requests_next(&walk, &r), ERR_TRUNCATED);
	for (size_t size = 0; size < writer_size(w); size++) {
		http2_requests_open(view_of(bytes, size), &room, &walk);
		assert_int_equal(http2_requests_next(&walk, &r), ERR_TRUNCATED);
	}
}

static void an_authority_is_read_with_padding_and_priority(void **state)
{
	struct writer w = begin();
	(void)state;
	FRAME(&w, HEADERS, END, HEAD);
	assert_one(&w, "a.example");
	w = begin();
	FRAME(&w, HEADERS, END | PADDED, "\3" HEAD "\0\0\0");
	assert_one(&w, "a.example");
	w = begin();
	FRAME(&w, HEADERS, END | PADDED | HAS_PRIORITY, "\1" PRIORITY HEAD "\0");
	assert_one(&w, "a.example");
}

static void a_head_goes_on_in_continuations_of_any_size(void **state)
{
	static const char head[] = HEAD;
	(void)state;
	for (size_t cut = 1; cut < sizeof(head) - 1; cut++) {
		struct writer w = begin();
		frame(&w, HEADERS, 0, head, 0);
		size_t at = 0;
		for (; sizeof(head) - 1 - at > cut; at += cut)
			frame(&w, CONTINUATION, 0, head + at, cut);
		frame(&w, CONTINUATION, END, head + at, sizeof(head) - 1 - at);
		assert_one(&w, "a.example");
	}
}

static void later_requests_refer_to_earlier_ones(void **state)
{
	struct writer w = begin();
	struct http2_requests walk;
	struct http2_request r;
	(void)state;
	FRAME(&w, HEADERS, END, HEAD);
	FRAME(&w, DATA, 0, "some body");
	FRAME(&w, HEADERS, END,
	      "\x82\x41\x0c"
	      "b.example:80"); /* the first is now the second */
	FRAME(&w, HEADERS, END, "\x82\xbf");
	FRAME(&w, HEADERS, END,
	      "\x0f\x0b\x01"
	      "5"); /* a trailer */
	assert_int_equal(next_of(&w, &walk, &r), OK);
	assert_int_equal(http2_requests_next(&walk, &r), OK);
	assert_true(r.names_count == 1 && view_is(r.names[0], "b.example"));
	assert_int_equal(http2_requests_next(&walk, &r), OK);
	assert_true(r.names_count == 1 && view_is(r.names[0], "a.example"));
	assert_int_equal(http2_requests_next(&walk, &r), OK);
	assert_true(r.names_count == 0 && !r.is_request);
	assert_int_equal(http2_requests_next(&walk, &r), ERR_TRUNCATED);
}

static void authority_and_host_are_both_given(void **state)
{
	struct writer w = begin();
	struct http2_requests walk;
	struct http2_request r;
	(void)state;
	FRAME(&w, HEADERS, END,
	      HEAD "\x66\x0b"
	           "u@b.example");
	assert_int_equal(next_of(&w, &walk, &r), OK);
	assert_int_equal(r.names_count, 3);
	assert_true(view_is(r.names[0], "a.example") && view_is(r.names[1], "u") &&
	            view_is(r.names[2], "b.example"));
}

static void what_no_server_accepts_is_malformed(void **state)
{
	struct http2_requests walk;
	struct http2_request r = {.end = 77};
	struct writer w = begin();
	(void)state;
	FRAME(&w, HEADERS, 0, HEAD);
	FRAME(&w, DATA, END, "x");
	assert_int_equal(next_of(&w, &walk, &r), ERR_MALFORMED);
	w = begin();
	FRAME(&w, CONTINUATION, END, HEAD);
	assert_int_equal(next_of(&w, &walk, &r), ERR_MALFORMED);
	w = begin();
	FRAME(&w, HEADERS, END, "\xff\xff\xff\xff\xff\xff");
	assert_int_equal(next_of(&w, &walk, &r), ERR_MALFORMED);
	w = begin();
	FRAME(&w, HEADERS, END | PADDED, "\x7f" HEAD);
	assert_int_equal(next_of(&w, &walk, &r), ERR_MALFORMED);
	http2_requests_open(view_text("PRI * HTTP/1"), &room, &walk);
	assert_int_equal(http2_requests_next(&walk, &r), ERR_MISSING);
	assert_int_equal(r.end, 77);
}

static void heads_that_do_not_fit_are_a_limit(void **state)
{
	struct http2_requests walk;
	struct http2_request r;
	struct writer w = begin();
	int code;
	(void)state;
	for (unsigned i = 0; i < 1500; i++)
		FRAME(&w, HEADERS, END, HEAD);
	assert_false(w.failed);
	unsigned count = 0;
	for (code = next_of(&w, &walk, &r); code == OK; code = http2_requests_next(&walk, &r))
		count++;
	assert_int_equal(code, ERR_LIMIT);
	assert_true(count > 100 && room.used <= sizeof(room.bytes));
}

/* Of curl and nghttp, each with its own way to compress. */
static void what_programs_send_is_read(void **state)
{
	static const char *const files[][2] = {
		{"http2_request/curl", "deepseek.com"},
		{"http2_request/nghttp", "localhost"},
	};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct http2_requests walk;
		struct http2_request r;
		http2_requests_open(corpus_read(files[i][0], bytes, sizeof(bytes)), &room, &walk);
		assert_int_equal(http2_requests_next(&walk, &r), OK);
		assert_true(r.names_count == 1 && view_is(r.names[0], files[i][1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_authority_is_read_with_padding_and_priority),
		cmocka_unit_test(a_head_goes_on_in_continuations_of_any_size),
		cmocka_unit_test(later_requests_refer_to_earlier_ones),
		cmocka_unit_test(authority_and_host_are_both_given),
		cmocka_unit_test(what_no_server_accepts_is_malformed),
		cmocka_unit_test(heads_that_do_not_fit_are_a_limit),
		cmocka_unit_test(what_programs_send_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
