/* connect.h - connects to a reader on this machine or another.
 *
 * Fails:   -errno, also of a wait (wait.h). */
#pragma once

#include "base/endpoint.h"
#include "net/wait.h"

/* A non-blocking socket of that type (SOCK_STREAM, SOCK_DGRAM), connected to the Unix socket. */
int connect_path(const char *path, int type, int *ret_fd) must_check;
int connect_tcp(const struct endpoint *to, const struct wait_limit *limit, int *ret_fd) must_check;
