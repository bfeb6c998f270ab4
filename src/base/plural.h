/* plural.h - the words of a sentence that go by a number: `1 finding proves`, `2 findings prove`. */
#pragma once

#include <stdint.h>

static inline const char *plural(uint64_t count, const char *one, const char *more)
{
	return count == 1 ? one : more;
}

/* The ending of most nouns. */
static inline const char *plural_s(uint64_t count)
{
	return plural(count, "", "s");
}
