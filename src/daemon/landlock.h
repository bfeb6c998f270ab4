/* landlock.h - the kernel's rule that a process sees no other files than these.
 *
 * What:    raw system calls: the C library of Debian 12 has no names for them. What the running kernel
 *          does not know is left out of the rule, never guessed.
 * Fails:   ERR_MISSING when the kernel has no Landlock, or only its first version; -errno. A path that does not exist is skipped.
 * Source:  landlock(7). */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum path_access { PATH_READ, PATH_WRITE };

struct landlock_path {
	const char *path;
	enum path_access access;
};

/* Restricts this process for good, with its later threads and children. It needs no_new_privs to be set.
 * Returns the version of Landlock in use. */
int landlock_enter(const struct landlock_path *paths, size_t count) must_check;
