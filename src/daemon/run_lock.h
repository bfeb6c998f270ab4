/* run_lock.h - one instance for one run directory.
 *
 * The lock is held by the parent and by every role (as ROLE_LOCK_FD), so it is free only when the last
 * process of an instance has ended: after a `kill -9` of the parent the next start waits until the old
 * record role has written what it had. */
#pragma once

#include "base/err.h"

/* ERR_EXISTS when a living instance holds it, -ETIMEDOUT when its remains do not end within `wait_ms`,
 * -errno. The descriptor is closed on exec. */
int run_lock_take(const char *run_directory, int wait_ms, int *ret_fd) must_check;
