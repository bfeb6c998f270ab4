#include <assert.h>

#include "net/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct message m;
	if (message_parse(view_of(bytes, size), 0, &m) == OK) {
		assert(m.size + MESSAGE_HEADER_SIZE == size);
		assert(view_equal(message_view(&m), view_of(bytes + MESSAGE_HEADER_SIZE, m.size)));
	}
	return 0;
}
