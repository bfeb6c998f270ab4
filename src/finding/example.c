#include "finding/example.h"

#include <stdio.h>

void finding_example(struct view item, char ret[static FINDING_EXAMPLE_SIZE])
{
	size_t at = 0;
	bool is_cut = false;
	for (size_t i = 0; i < item.size && !is_cut; i++) {
		uint8_t c = item.bytes[i];
		is_cut = at + sizeof("\\x00...") > FINDING_EXAMPLE_SIZE;
		if (is_cut)
			(void)snprintf(ret + at, FINDING_EXAMPLE_SIZE - at, "...");
		else if (c >= ' ' && c <= '~' && c != '\\')
			ret[at++] = (char)c;
		else
			at += (size_t)snprintf(ret + at, FINDING_EXAMPLE_SIZE - at, "\\x%02x", c);
	}
	if (!is_cut)
		ret[at] = '\0';
}
