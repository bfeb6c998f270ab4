/* A checkpoint that parses prints as the same bytes. */
#include <assert.h>
#include <sodium.h>

#include "record/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct checkpoint checkpoint;
	if (sodium_init() < 0 || checkpoint_parse(view_of(bytes, size), &checkpoint) < 0)
		return 0;
	struct buffer again = {0};
	checkpoint_print(&checkpoint, &again);
	assert(view_equal(buffer_view(&again), view_of(bytes, size)));
	buffer_done(&again);
	return 0;
}
