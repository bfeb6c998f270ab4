/* spawn.h - starts a role: this program again, with nothing but its socket, its lock and the log.
 *
 * Fork and exec, not fork alone: a role shares no memory, no secrets and no layout with the parent.
 * Every other descriptor is closed on exec. */
#pragma once

#include <sys/types.h>

#include "base/err.h"

/* *ret_fd is the parent's end of the socket; the process is a child of the caller, who waits for it.
 * `lock` is duplicated for the role. */
int spawn_role(const char *name, int lock, pid_t *ret_pid, int *ret_fd) must_check;
