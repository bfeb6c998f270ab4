#include "flow/recogniser_internal.h"
#include "wire/http_body.h"
#include "wire/http_request.h"

enum {
	LINE_MAX = 8 * 1024,
	SKIP_MAX = 1 << 30, /* sequence numbers run round after four of these */
};

static int claim_head(const struct http_request *request, struct view head, const struct ear *ear)
{
	struct flow_claim claim = {.protocol = FLOW_HTTP, .message = head};
	return ear_claim_names(ear, &claim, request->names, request->names_count,
	                       request->has_more_names);
}

/* As claim_head(), but where no name was found nobody is claimed: the head is not over, or not one. */
static int claim_found(const struct http_request *request, struct view bytes, const struct ear *ear)
{
	bool has_names = request->names_count || request->has_more_names;
	return has_names ? claim_head(request, bytes, ear) : OK;
}

/* All that looks like a line of a head; the line that is not whole yet is left for the next time. */
static int hear_scan(struct view bytes, const struct ear *ear, struct heard *ret)
{
	ret->next.stage = STAGE_HTTP_SCAN;
	size_t lines = bytes.size;
	while (lines && bytes.bytes[lines - 1] != '\n' && bytes.bytes[lines - 1] != '\r')
		lines--;
	/* a line that is as long as this is no field that a server would take */
	ret->end += bytes.size - lines > LINE_MAX ? bytes.size : lines;
	for (struct view rest = bytes; lines;) {
		struct http_request found;
		http_request_scan(rest, &found);
		int r = claim_found(&found, bytes, ear);
		if (r != OK || !found.head_size)
			return r;
		rest = view_skip(rest, found.head_size);
	}
	return OK;
}

static int hear_head(struct view *bytes, const struct ear *ear, struct heard *ret)
{
	struct http_request request;
	int r = http_request_parse(*bytes, &request);
	if (r != OK)
		return r;
	r = claim_head(&request, view_of(bytes->bytes, request.head_size), ear);
	if (r == OK && request.framing == HTTP_FRAMING_TORN)
		r = ERR_LIMIT; /* no client sends it */
	if (r != OK)
		return r;
	http_body_open(&request, &ret->next.body);
	ret->next.stage = STAGE_HTTP_BODY;
	ret->end += request.head_size;
	*bytes = view_skip(*bytes, request.head_size);
	return OK;
}

/* Where the length of what follows is known, it need not come here. */
static void skip_known(struct heard *ret)
{
	ret->end += http_body_skip(&ret->next.body, SKIP_MAX);
}

/* What follows a CONNECT or an upgrade begins anew, and is no head. */
static int hear_after(struct view bytes, const struct ear *ear, struct heard *ret)
{
	struct heard after;
	int r = recogniser_hear(&ret->next, bytes, ear, &after);
	if (r != OK && r != ERR_TRUNCATED)
		return r;
	after.end += ret->end;
	*ret = after;
	return r;
}

/* Feeds the body; true: a head may begin at `bytes`. */
static bool hear_body(struct view *bytes, struct heard *ret)
{
	size_t used = 0;
	enum http_next next = http_body_feed(&ret->next.body, *bytes, &used);
	ret->end += used;
	*bytes = view_skip(*bytes, used);
	if (next == HTTP_NEXT_BODY) {
		skip_known(ret);
		return false;
	}
	ret->next.stage = next == HTTP_NEXT_HEAD    ? STAGE_HTTP_HEAD
	                  : next == HTTP_NEXT_OTHER ? STAGE_START
	                                            : STAGE_HTTP_SCAN;
	return next == HTTP_NEXT_HEAD && bytes->size;
}

/* A head that cannot be read is looked through for names; one that cannot begin HTTP is none. */
static int hear_head_or_scan(struct view *bytes, const struct ear *ear, struct heard *ret)
{
	bool is_first = ret->next.stage == STAGE_START;
	int r = hear_head(bytes, ear, ret);
	if (r == OK || r == ERR_TRUNCATED || r == ERR_DENIED || r == ERR_LIMIT || is_first)
		return r == ERR_VERSION ? ERR_MISSING : r;
	ret->next.stage = STAGE_HTTP_SCAN;
	return OK;
}

int hear_http(const struct conversation *at, struct view bytes, const struct ear *ear,
              struct heard *ret)
{
	*ret = (struct heard){.protocol = FLOW_HTTP, .goes_on = true, .next = *at};
	bool is_head = at->stage == STAGE_START || at->stage == STAGE_HTTP_HEAD;
	for (bool is_after = false;; is_after = ret->next.stage == STAGE_START) {
		int r = is_head ? hear_head_or_scan(&bytes, ear, ret) : OK;
		if (is_after && (r == ERR_MISSING || r == ERR_TRUNCATED))
			return hear_after(bytes, ear, ret);
		if (r != OK)
			return r;
		is_head = ret->next.stage == STAGE_HTTP_BODY && hear_body(&bytes, ret);
		if (ret->next.stage == STAGE_HTTP_SCAN)
			return hear_scan(bytes, ear, ret);
		is_head |= ret->next.stage == STAGE_START && bytes.size;
		if (!is_head)
			return OK;
	}
}

int hear_http_part(const struct conversation *at, struct view bytes, const struct ear *ear)
{
	struct http_request request;
	struct heard heard;
	int r = hear_http(at, bytes, ear, &heard);
	if (r != ERR_TRUNCATED)
		return r;
	bytes = view_skip(bytes, heard.end);
	if (heard.end && heard.next.stage != STAGE_HTTP_HEAD)
		return recogniser_hear_part(&heard.next, bytes, ear);
	r = http_request_parse_part(bytes, &request);
	if (r == ERR_TRUNCATED)
		return at->stage == STAGE_START ? ERR_MISSING : OK;
	return r == OK ? claim_found(&request, bytes, ear) : ERR_MISSING;
}
