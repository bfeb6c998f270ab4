/* library.h - a shared library that only some processes need, opened when they do.
 *
 * What:    libcurl, libmicrohttpd, libunbound and libxdp bring dozens of libraries along, which would cost every
 *          process of an instance more time to start, and memory, than all its own: only who uses one opens it.
 * Owns:    nobody: a library stays until the process ends, since what it opened itself may be in use. */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct library_symbol {
	const char *name;
	size_t offset; /* of a function pointer of that type in the caller's struct */
};

/* Fills the pointers of `functions`. ERR_MISSING when there is no such library, ERR_VERSION when it lacks
 * one of the symbols. */
int library_open(const char *name, const struct library_symbol *symbols, size_t count,
                 void *functions) must_check;
