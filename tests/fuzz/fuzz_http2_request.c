/* The input follows the preface. Names have no last dot; a walk over fewer bytes finds
 * the same requests, up to where it ends. */
#include "tests/fuzz/check.h"
#include "wire/http2_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum { PREFACE_SIZE = sizeof(preface) - 1, SIZE_MAX_TRIED = 1 << 14 };

static unsigned walk(struct view stream, size_t *ret_end, int *ret_code)
{
	static struct http2_room room;
	struct http2_requests r;
	struct http2_request request = {0};
	unsigned count = 0;
	http2_requests_open(stream, &room, &r);
	while ((*ret_code = http2_requests_next(&r, &request)) == OK) {
		CHECK(request.end <= stream.size && request.names_count <= HTTP2_NAMES_MAX);
		CHECK(room.used <= sizeof(room.bytes));
		for (unsigned i = 0; i < request.names_count; i++)
			CHECK(request.names[i].size &&
			      request.names[i].bytes[request.names[i].size - 1] != '.');
		*ret_end = request.end;
		count++;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t stream[PREFACE_SIZE + SIZE_MAX_TRIED];
	size_t end = 0, again = 0;
	int code = OK;
	if (size > SIZE_MAX_TRIED)
		return 0;
	bool is_whole = size >= PREFACE_SIZE && memcmp(bytes, preface, PREFACE_SIZE) == 0;
	size_t before = is_whole ? 0 : PREFACE_SIZE;
	memcpy(stream, preface, before);
	if (size)
		memcpy(stream + before, bytes, size);
	unsigned count = walk(view_of(stream, before + size), &end, &code);
	CHECK(code == ERR_TRUNCATED || code == ERR_MALFORMED || code == ERR_LIMIT);
	if (count == 0)
		return 0;
	CHECK(walk(view_of(stream, end), &again, &code) == count && again == end);
	CHECK(code == ERR_TRUNCATED);
	CHECK(walk(view_of(stream, end - 1), &again, &code) == count - 1);
	CHECK(code == ERR_TRUNCATED);
	return 0;
}
