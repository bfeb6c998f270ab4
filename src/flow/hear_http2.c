#include "flow/recogniser_internal.h"
#include "wire/http2_request.h"

enum { FRAME_HEADER_SIZE = 9, FRAME_HEADERS = 1, FRAME_CONTINUATION = 9, FRAME_TYPE_AT = 3 };

static int claim_request(const struct http2_request *request, const struct ear *ear)
{
	struct flow_claim claim = {.protocol = FLOW_HTTP2};
	if (request->names_count == 0 && !request->is_request)
		return OK;
	return ear_claim_names(ear, &claim, request->names, request->names_count,
	                       request->has_more_names);
}

/* Whether a head begins in frames behind the last one that is whole. */
static bool has_part(struct view frames)
{
	while (frames.size >= FRAME_HEADER_SIZE) {
		const uint8_t *at = frames.bytes;
		size_t size = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
		if (at[FRAME_TYPE_AT] == FRAME_HEADERS || at[FRAME_TYPE_AT] == FRAME_CONTINUATION)
			return true;
		frames = view_skip(frames, FRAME_HEADER_SIZE + size);
	}
	return frames.size != 0;
}

/* A head means what those before it left in the table of names, so the walk always begins at the first byte. */
int hear_http2(const struct conversation *at, struct view bytes, const struct ear *ear,
               struct heard *ret)
{
	struct http2_requests walk;
	struct http2_request request;
	int code;
	*ret = (struct heard){
		.protocol = FLOW_HTTP2, .goes_on = true, .is_cumulative = true, .next = *at};
	http2_requests_open(bytes, ear->heads, &walk);
	while ((code = http2_requests_next(&walk, &request)) == OK) {
		ret->end = request.end;
		int r = claim_request(&request, ear);
		if (r != OK)
			return r;
	}
	if (code == ERR_MISSING)
		return code;
	if (code !=
	    ERR_TRUNCATED) { /* what no server takes, or that nobody could follow: nothing more is heard */
		ret->end = bytes.size;
		ret->goes_on = code == ERR_LIMIT;
		return ear_claim(ear, &(struct flow_claim){.protocol = FLOW_HTTP2});
	}
	return ret->end == 0 || has_part(view_skip(bytes, ret->end)) ? ERR_TRUNCATED : OK;
}
