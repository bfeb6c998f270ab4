/* directory.h - the folders that a running instance needs.
 *
 * Fails:   -errno.
 * Threads: one: the walks share a static. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Makes the directory and those above it that are missing, with this mode. */
int directory_make(const char *path, mode_t mode) must_check;
/* Gives the directory and all in it to the user, unless it is the user's already. */
int directory_give(const char *path, uid_t uid, gid_t gid) must_check;
/* Bytes of all regular files below. */
int64_t directory_size(const char *path);
