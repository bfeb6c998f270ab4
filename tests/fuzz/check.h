/* check.h - what must hold for every input: a fuzz target ends where it does not, whatever the build. */
#pragma once

#include <stdlib.h>

#define CHECK(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)
