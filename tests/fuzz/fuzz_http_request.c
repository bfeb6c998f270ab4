/* A head that is whole is so by its own bytes, and every shorter one is truncated; the names of a part are
 * names of the whole. Bodies end at the same place in whatever pieces they come. */
#include "tests/fuzz/check.h"
#include "wire/http1.h"
#include "wire/http_body.h"
#include "wire/http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_names(const struct http_request *r, struct view in)
{
	CHECK(r->names_count <= HTTP_REQUEST_NAMES_MAX);
	for (unsigned i = 0; i < r->names_count; i++) {
		struct view name = r->names[i];
		CHECK(name.size && name.bytes >= in.bytes &&
		      name.bytes + name.size <= in.bytes + in.size);
	}
}

static void check_part(struct view part, const struct http_request *whole)
{
	struct http_request r;
	if (http_request_parse_part(part, &r) != OK)
		return;
	check_names(&r, part);
	CHECK(r.head_size <= part.size && r.names_count <= whole->names_count);
	for (unsigned i = 0; i < r.names_count; i++)
		CHECK(view_equal(r.names[i], whole->names[i]));
}

static void check_body(const struct http_request *r, struct view rest)
{
	struct http_body whole, pieces;
	size_t used, all = 0;
	http_body_open(r, &whole);
	http_body_open(r, &pieces);
	size_t end = 0;
	enum http_next next = http_body_feed(&whole, rest, &end), last = HTTP_NEXT_BODY;
	CHECK(end <= rest.size && (next != HTTP_NEXT_BODY || end == rest.size));
	for (size_t i = 0; i < rest.size && last == HTTP_NEXT_BODY; i++) {
		last = http_body_feed(&pieces, view_of(rest.bytes + i, 1), &used);
		all += used;
	}
	CHECK(rest.size == 0 || (last == next && all == end));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct http_request r, again;
	struct http1_request strict;
	struct view all = view_of(bytes, size);
	for (struct view rest = all;; rest = view_skip(rest, again.head_size)) {
		http_request_scan(rest, &again);
		check_names(&again, rest);
		CHECK(again.head_size <= rest.size && (again.head_size || !again.names_count));
		if (!again.head_size)
			break;
	}
	int code = http_request_parse(all, &r);
	CHECK(code == OK || code == ERR_TRUNCATED || code == ERR_MISSING || code == ERR_VERSION);
	/* what our own servers take is a request for every reader */
	if (http1_parse(all, &strict) == OK && strict.method.size <= HTTP_REQUEST_METHOD_MAX)
		CHECK(code == OK && r.head_size == strict.head_size);
	if (code != OK)
		return 0;
	check_names(&r, view_of(bytes, r.head_size));
	CHECK(http_request_parse(view_of(bytes, r.head_size), &again) == OK);
	CHECK(again.head_size == r.head_size && again.names_count == r.names_count);
	CHECK(http_request_parse(view_of(bytes, r.head_size - 1), &again) == ERR_TRUNCATED);
	check_part(view_of(bytes, r.head_size / 2), &r);
	check_part(view_of(bytes, r.head_size - 1), &r);
	check_body(&r, view_skip(all, r.head_size));
	return 0;
}
