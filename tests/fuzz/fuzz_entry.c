/* An entry that parses is canonical: an event is written again as JSON that holds the same fields. */
#include <assert.h>

#include "record/canonical.h"
#include "record/event_fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void write_again(const struct entry *entry, struct arena *arena)
{
	struct event event, same;
	struct entry parsed;
	struct buffer out = {0};
	if (event_read(entry, arena, &event) == OK && !arena->failed &&
	    event_write(&event, entry->time_us, &out) == OK) {
		int err = entry_parse(buffer_view(&out), &parsed, NULL);
		assert(err == OK || event.count > CANONICAL_INT_MAX);
		err = event_read(&parsed, arena, &same);
		assert(err == OK && same.count == event.count && same.first_us == event.first_us);
	}
	buffer_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct entry entry;
	const char *why = NULL;
	size_t offset;
	struct view input = view_of(bytes, size);
	if (canonical_check(input, &offset) < 0)
		assert(offset <= size);
	int err = entry_parse(input, &entry, &why);
	assert(err != ERR_MALFORMED || why);
	if (err < 0)
		return 0;
	struct arena arena = {0};
	(void)entry_text(&entry, "source", &arena);
	(void)entry_int(&entry, "count", 0);
	if (entry.kind == ENTRY_EVENT)
		write_again(&entry, &arena);
	arena_done(&arena);
	return 0;
}
