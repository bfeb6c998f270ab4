/* Whatever a gate writes into the shared memory, the recorder takes only valid records, and not without
 * end. The input is written over the whole memory. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "record/ring.h"

enum { CAPACITY = 4, ROUNDS_MAX = 4 * CAPACITY, HEAD_SIZE = 3 * 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ring ring;
	struct event_record record;
	if (sodium_init() < 0 || ring_create(CAPACITY, &ring) < 0)
		return 0;
	size_t room = CAPACITY * sizeof(record) + HEAD_SIZE;
	memcpy(ring.shared, bytes, size < room ? size : room);
	unsigned taken = 0;
	while (taken < ROUNDS_MAX && ring_take(&ring, &record)) {
		assert(event_record_is_valid(&record));
		taken++;
	}
	assert(taken <= CAPACITY);
	(void)ring_take_losses(&ring);
	(void)ring_take_refused(&ring);
	assert(ring_arm(&ring));
	ring_done(&ring);
	return 0;
}
