#include "wire/doh.h"

#include "base/base64url.h"
#include "base/reader.h"
#include "wire/dns_message.h"

enum {
	BAD_REQUEST = 400,
	NOT_FOUND = 404,
	NOT_ALLOWED = 405,
	TOO_LARGE = 413,
	UNSUPPORTED_TYPE = 415,
};

static bool is_dns_message(struct view content_type)
{
	return view_is_nocase(view_trim(view_split(&content_type, ';')), DOH_CONTENT_TYPE);
}

int doh_check(const struct doh_request *request, struct view path)
{
	struct view target = request->target;
	if (!view_equal(view_split(&target, '?'), path))
		return NOT_FOUND;
	if (request->body_size > DOH_QUERY_SIZE_MAX)
		return TOO_LARGE;
	if (view_is(request->method, "GET"))
		return OK;
	if (!view_is(request->method, "POST"))
		return NOT_ALLOWED;
	return is_dns_message(request->content_type) ? OK : UNSUPPORTED_TYPE;
}

/* The value of `dns`; false unless there is exactly one. */
static bool find_parameter(struct view target, struct view *ret)
{
	static const char name[] = "dns=";
	bool found = false;
	(void)view_split(&target, '?');
	while (target.bytes) {
		struct view parameter = view_split(&target, '&');
		if (!view_starts_with(parameter, view_text(name)))
			continue;
		if (found)
			return false;
		found = true;
		*ret = view_skip(parameter, sizeof(name) - 1);
	}
	return found;
}

int doh_query(const struct doh_request *request, struct view body, uint8_t *room, size_t room_size,
              struct view *ret_query)
{
	struct view query = body;
	if (view_is(request->method, "GET")) {
		struct view text = {0};
		size_t size = 0;
		if (!find_parameter(request->target, &text))
			return BAD_REQUEST;
		int code = base64url_decode(text, room, room_size, &size);
		if (code < 0)
			return code == ERR_LIMIT ? TOO_LARGE : BAD_REQUEST;
		query = view_of(room, size);
	}
	if (query.size == 0)
		return BAD_REQUEST;
	if (query.size > DOH_QUERY_SIZE_MAX)
		return TOO_LARGE;
	*ret_query = query;
	return OK;
}

/* For how long a SOA record lets a denial be kept. */
static uint32_t denial_ttl(const struct dns_record *soa)
{
	enum { MINIMUM_SIZE = 4 };
	if (soa->rdata.size < MINIMUM_SIZE)
		return 0;
	struct reader r =
		reader_open(soa->rdata.bytes + soa->rdata.size - MINIMUM_SIZE, MINIMUM_SIZE);
	uint32_t minimum = read_u32(&r);
	return minimum < soa->ttl ? minimum : soa->ttl;
}

uint32_t doh_max_age(struct view answer)
{
	struct dns_walk w;
	struct dns_record r;
	uint32_t least = UINT32_MAX;
	int more = dns_walk_open(answer, &w);
	while (more >= 0 && (more = dns_walk_next(&w, &r)) > 0) {
		uint32_t ttl = UINT32_MAX;
		if (r.section == DNS_ANSWER)
			ttl = r.ttl;
		else if (r.section == DNS_AUTHORITY && r.type == DNS_TYPE_SOA)
			ttl = denial_ttl(&r);
		else if (r.section == DNS_ADDITIONAL)
			break;
		if (ttl < least)
			least = ttl;
	}
	return more < 0 || least == UINT32_MAX ? 0 : least;
}
