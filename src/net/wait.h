/* wait.h - waits for a descriptor, but not for ever.
 *
 * Threads: any. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* What ends a wait before the descriptor is ready. */
struct wait_limit {
	int stop_fd;      /* readable: give up; -1 for none */
	int64_t until_us; /* steady clock; 0 for none */
};

/* `events` of poll(2). OK, -ECANCELED, -ETIMEDOUT, or -errno. A descriptor in error is ready. */
int wait_for(int fd, short events, const struct wait_limit *limit) must_check;
