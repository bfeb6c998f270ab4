/* listen.h - opens the sockets on which a gate hears its clients.
 *
 * What:    groups of UDP or TCP sockets bound to one endpoint, one a worker: the kernel spreads the
 *          traffic over them (SO_REUSEPORT). Non-blocking, closed on exec. A UDP socket on a wildcard
 *          address reports the address that a packet was sent to, so that the answer leaves from it.
 * Owns:    the caller closes what it gets.
 * Fails:   -errno; listen_explain() makes the sentence for people.
 * Why the probe: SO_REUSEPORT lets a second program of the same user share our port in silence, so a
 *          group first binds once without it, which fails when anybody else is there. */
#pragma once

#include <stddef.h>

#include "base/endpoint.h"
#include "base/err.h"

enum listen_transport { LISTEN_UDP, LISTEN_TCP };
extern const char *const listen_transport_names[]; /* "udp" "tcp" */

enum { LISTEN_TEXT_SIZE = 256 };

struct listen_options {
	int receive_buffer; /* bytes; 0: the system's default */
	int backlog;        /* TCP connections that wait to be accepted; 0: 1024 */
};

/* Opens `count` sockets; port 0 lets the system choose one for the whole group, which
 * listen_port() tells. All or none. */
int listen_open(const struct endpoint *at, enum listen_transport transport,
                const struct listen_options *options, size_t count, int *ret_fds) must_check;

/* What a socket is bound to: its address, or a wildcard, and port. -errno. */
int listen_endpoint(int fd, struct endpoint *ret) must_check;
/* Its port alone, or -errno. */
int listen_port(int fd) must_check;

/* Writes "cannot listen on 127.0.0.1:53 (udp): the port is in use by another program". Returns `text`. */
const char *listen_explain(const struct endpoint *at, enum listen_transport transport, int code,
                           char text[static LISTEN_TEXT_SIZE]);
