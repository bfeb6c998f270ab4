/* udp_client.h - asks one server by datagrams, many a system call.
 *
 * What:    a socket on a port that nobody can guess, connected: the kernel drops what does not come from
 *          that server's address and port.
 * Source:  RFC 5452 s9.2, RFC 6056 s3.3.1 (random ports). */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/endpoint.h"
#include "base/err.h"
#include "base/view.h"
#include "net/random_pool.h"

enum { UDP_CLIENT_BATCH = 64, UDP_CLIENT_ANSWER_MAX = 4096 };

/* A non-blocking socket, closed on exec; or -errno. */
int udp_client_open(const struct endpoint *to, struct random_pool *random) must_check;
/* Returns how many of the packets the kernel took, from the first on; -errno when not even that. */
int udp_client_send(int fd, const struct view *packets, unsigned count) must_check;

struct udp_inbox;

/* -ENOMEM. */
int udp_inbox_new(struct udp_inbox **ret) must_check;
void udp_inbox_free(struct udp_inbox *b);
DEFINE_CLEANUP(udp_inbox, struct udp_inbox *, udp_inbox_free);

/* Returns how many datagrams came; UDP_CLIENT_BATCH: ask again. -ECONNREFUSED when the server's machine says
 * that nobody listens there, or another -errno. */
int udp_inbox_receive(struct udp_inbox *b, int fd) must_check;
/* Valid until the next receive. One that is too long is cut, as its length tells: UDP_CLIENT_ANSWER_MAX. */
struct view udp_inbox_packet(const struct udp_inbox *b, int i);
