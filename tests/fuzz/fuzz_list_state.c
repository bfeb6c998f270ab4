/* The state of a fetched list, which the process that talks to servers writes and others read. What was read
 * prints to a text that reads back to the same. */
#include <assert.h>

#include "source/list_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int read_state(struct view text, struct arena *a, struct list_state *ret)
{
	struct problems problems = {0};
	arena_init(a, 0);
	int code = schema_read(&list_state_schema, "state", text, a, &problems, ret);
	problems_done(&problems);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena first_arena, second_arena;
	struct buffer first = {0}, second = {0};
	struct list_state state;
	if (read_state(view_of(bytes, size), &first_arena, &state) == OK) {
		schema_print(&list_state_schema, &state, 0, &first);
		int code = read_state(buffer_view(&first), &second_arena, &state);
		assert(code == OK);
		schema_print(&list_state_schema, &state, 0, &second);
		assert(view_equal(buffer_view(&first), buffer_view(&second)));
		arena_done(&second_arena);
	}
	arena_done(&first_arena);
	buffer_done(&first);
	buffer_done(&second);
	return 0;
}
