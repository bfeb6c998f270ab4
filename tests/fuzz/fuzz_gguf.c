/* Any header is read; what is found lies in the input, and more bytes never take it away. */
#include <assert.h>

#include "wire/gguf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gguf whole, half;
	int r = gguf_parse(view_of(bytes, size), &whole);
	int h = gguf_parse(view_of(bytes, size / 2), &half);
	assert(r != OK || whole.entries_read == whole.entries);
	assert(half.entries_read <= whole.entries_read);
	assert(h != OK || r == OK);
	for (int i = 0; i < GGUF_KEYS; i++) {
		struct view value = whole.values[i];
		assert(value.size == 0 ||
		       (value.bytes >= bytes && value.bytes + value.size <= bytes + size));
		assert(half.values[i].size == 0 || view_equal(half.values[i], value));
	}
	return 0;
}
