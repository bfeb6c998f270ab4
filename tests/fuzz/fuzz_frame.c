/* What is found lies in the frame; its reply is a frame that is parsed to the same with the ends changed. */
#include <assert.h>

#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t room[FRAME_HEADER_V6 + 65536];
	struct frame f, back;
	if (frame_parse(view_of(bytes, size), &f) != OK)
		return 0;
	assert(f.payload.bytes == bytes + f.header_size);
	assert(f.payload.size <= size - f.header_size);
	if (f.payload.size)
		memcpy(room + f.header_size, f.payload.bytes, f.payload.size);
	size_t whole = frame_reply(&f, room, f.payload.size);
	/* a request to port 0 has a reply from there, which nobody would answer */
	if (f.destination_port == 0)
		return 0;
	int r = frame_parse(view_of(room, whole), &back);
	assert(r == OK);
	assert(address_equal(&f.source, &back.destination));
	assert(address_equal(&f.destination, &back.source));
	assert(f.source_port == back.destination_port && f.destination_port == back.source_port);
	assert(view_equal(f.payload, back.payload));
	return 0;
}
