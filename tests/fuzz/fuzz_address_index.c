/* First 16 bytes: an address asked for. The rest: a block. */
#include <assert.h>

#include "policy/address_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ADDRESS_ROOM = 16, MATCHES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct address_index index;
	struct address_match match[MATCHES];
	if (size < ADDRESS_ROOM ||
	    address_index_open(view_of(bytes + ADDRESS_ROOM, size - ADDRESS_ROOM), &index) < 0)
		return 0;
	assert(address_index_find(&index, bytes, 16, match, MATCHES) <= MATCHES);
	assert(address_index_find(&index, bytes, 4, match, MATCHES) <= MATCHES);
	return 0;
}
