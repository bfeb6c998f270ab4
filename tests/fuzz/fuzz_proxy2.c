/* A header that is read is read from its own bytes alone, and from no fewer. */
#include <assert.h>

#include "wire/proxy2.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct proxy2 p, again;
	if (proxy2_parse(view_of(bytes, size), &p) != OK)
		return 0;
	assert(p.size >= 16 && p.size <= size && p.size <= PROXY2_SIZE_MAX);
	assert(proxy2_parse(view_of(bytes, p.size), &again) == OK);
	assert(again.size == p.size && address_equal(&again.client, &p.client));
	assert(proxy2_parse(view_of(bytes, p.size - 1), &again) == ERR_TRUNCATED);
	return 0;
}
