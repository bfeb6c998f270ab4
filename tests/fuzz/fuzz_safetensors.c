/* Any header is scanned to an end; an escaped text never grows. */
#include <assert.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "wire/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_text(struct view text)
{
	cleanup(free) uint8_t *room = malloc(text.size ? text.size : 1);
	int size = room ? safetensors_unescape(text, room, text.size) : 0;
	assert(size == ERR_MALFORMED || (size >= 0 && (size_t)size <= text.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct safetensors s;
	struct safetensors_item item;
	int r = safetensors_open(view_of(bytes, size), &s);
	if (r < 0)
		return 0;
	while ((r = safetensors_next(&s, &item)) > 0) {
		assert(item.value.bytes >= bytes &&
		       item.value.bytes + item.value.size <= bytes + size);
		check_text(item.key);
		if (item.kind == SAFETENSORS_METADATA)
			check_text(item.value);
		else
			assert(item.value.bytes[0] == '{');
	}
	struct safetensors_item after;
	assert(safetensors_next(&s, &after) == r);
	return 0;
}
