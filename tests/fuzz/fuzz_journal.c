/* What a journal gives out is whole groups in order, inside the input; what it calls good stays good when
 * the rest is cut off. */
#include <assert.h>
#include <sodium.h>

#include "record/journal.h"
#include "record/tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct journal journal, again;
	struct reader entries;
	struct view entry;
	uint64_t first, next;
	int got;
	if (sodium_init() < 0 || journal_open(view_of(bytes, size), &journal) < 0)
		return 0;
	next = journal.base;
	while ((got = journal_next(&journal, &entries, &first)) > 0) {
		assert(first == next);
		while (bundle_next(&entries, &entry))
			next++;
		assert(!entries.failed && next == journal.next && next > first);
	}
	assert(journal.good <= size);
	got = journal_open(view_of(bytes, journal.good), &again);
	assert(got == OK);
	while ((got = journal_next(&again, &entries, &first)) > 0)
		;
	assert(got == 0 && again.next == journal.next);
	return 0;
}
