/* A tile name that parses prints as the same text; a bundle that reads to its end packs as the same
 * bytes. */
#include <assert.h>

#include "record/tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct view input = view_of(bytes, size), entry;
	struct tile_name name;
	char text[TILE_NAME_SIZE];
	struct reader r = reader_open(bytes, size);
	struct buffer again = {0};
	if (tile_name_parse(input, &name) == OK)
		assert(view_is(input, tile_name_print(&name, text)));
	while (bundle_next(&r, &entry)) {
		int err = bundle_add(&again, entry);
		assert(err == OK);
	}
	if (!r.failed && !again.failed)
		assert(view_equal(buffer_view(&again), input));
	buffer_done(&again);
	return 0;
}
