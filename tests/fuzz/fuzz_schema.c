/* Whatever is read prints to a text that reads back and prints the same; the rest has problems. */
#include <assert.h>
#include <string.h>

#include "tests/unit/config/all_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int read_and_print(struct view text, struct buffer *out)
{
	struct arena a;
	struct problems p = {0};
	struct all_types value;
	arena_init(&a, 1 << 26);
	int r = schema_read(&all_types_schema, "fuzz", text, &a, &p, &value);
	assert((r == ERR_INVALID || r == ERR_LIMIT) == (p.count > 0));
	if (r == OK)
		schema_print(&all_types_schema, &value, 0, out);
	problems_done(&p);
	arena_done(&a);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct buffer first = {0}, second = {0};
	if (read_and_print(view_of(bytes, size), &first) == OK) {
		int r = read_and_print(buffer_view(&first), &second);
		assert(r == OK);
		assert(view_equal(buffer_view(&first), buffer_view(&second)));
	}
	buffer_done(&first);
	buffer_done(&second);
	return 0;
}
