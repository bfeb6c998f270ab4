/* thread.h - starts threads that leave signals to the main one.
 *
 * Threads: any. */
#pragma once

#include <pthread.h>

#include "base/err.h"

/* Runs run(context) with every signal blocked: who closes a connection is no reason to die (SIGPIPE). The caller joins it. -errno; `ret` is untouched then. */
int thread_start(pthread_t *ret, void *(*run)(void *), void *context) must_check;
