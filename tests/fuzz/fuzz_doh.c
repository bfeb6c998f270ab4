/* Input: a target up to the first line feed, then a body. As GET, as POST, and as an answer. */
#include <assert.h>

#include "wire/dns_message.h"
#include "wire/doh.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t room[DOH_QUERY_SIZE_MAX];
	struct view body = view_of(bytes, size), query;
	struct view target = view_split(&body, '\n');
	struct doh_request get = {view_text("GET"), target, {0}, 0};
	if (doh_query(&get, body, room, sizeof(room), &query) == OK)
		assert(query.bytes == room && query.size > 0 && query.size < target.size);
	struct doh_request post = {view_text("POST"), target, view_text(DOH_CONTENT_TYPE),
	                           body.size};
	if (doh_query(&post, body, room, sizeof(room), &query) == OK)
		assert(view_equal(query, body));
	struct dns_walk w;
	if (dns_walk_open(body, &w) < 0)
		assert(doh_max_age(body) == 0);
	(void)doh_max_age(body);
	return 0;
}
