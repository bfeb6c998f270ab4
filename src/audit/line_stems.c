#include "audit/line_stems.h"

#include "audit/line_escape.h"

bool line_stems_has_short(const struct name_stems *set, const uint8_t *begin, const uint8_t *end)
{
	uint8_t bytes[NAME_END_SIZE] = {0};
	uint64_t key[2];
	size_t size = 0;
	unsigned dots = 0;
	end -= end > begin && end[-1] == '.';
	while (size <= NAME_STEM_SHORT_MAX && end - size > begin) {
		uint8_t c = end[-1 - (ptrdiff_t)size];
		dots += c == '.';
		if (dots > 1 || !line_escape_is_host(c))
			break;
		size++;
		bytes[NAME_END_SIZE - size] = c | 0x20;
	}
	memcpy(key, bytes, sizeof(key));
	return size <= NAME_STEM_SHORT_MAX &&
	       name_stems_may_have(set, name_stem_hash(set, key, size));
}
