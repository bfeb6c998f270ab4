/* A head that is read is read from its own bytes alone, and from no fewer; what it says lies in it. What it
 * asks for goes on to the reader of DNS queries in HTTP. */
#include <assert.h>

#include "wire/doh.h"
#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_lies_in(struct view v, const uint8_t *bytes, size_t size)
{
	assert(v.size == 0 || (v.bytes >= bytes && v.bytes + v.size <= bytes + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t room[DOH_QUERY_SIZE_MAX];
	struct http1_request r, again;
	int status = http1_parse(view_of(bytes, size), &r);
	if (status != OK) {
		assert(status == ERR_TRUNCATED || (status >= 400 && status < 600));
		return 0;
	}
	assert(r.head_size <= size && r.head_size <= HTTP1_HEAD_SIZE_MAX);
	assert(http1_parse(view_of(bytes, r.head_size), &again) == OK);
	assert(again.body_size == r.body_size && again.head_size == r.head_size);
	assert(http1_parse(view_of(bytes, r.head_size - 1), &again) == ERR_TRUNCATED);
	check_lies_in(r.method, bytes, r.head_size);
	check_lies_in(r.target, bytes, r.head_size);
	check_lies_in(r.content_type, bytes, r.head_size);
	struct doh_request request = {r.method, r.target, r.content_type, r.body_size};
	struct view query;
	if (doh_check(&request, view_text("/dns-query")) != OK)
		return 0;
	struct view body = view_of(bytes + r.head_size, size - r.head_size);
	if (doh_query(&request, body, room, sizeof(room), &query) == OK)
		assert(query.size > 0 && query.size <= DOH_QUERY_SIZE_MAX);
	return 0;
}
