/* udp_batch.h - a UDP socket as a source of datagrams: many a system call.
 *
 * What:    answers leave from the address that the query came to, also on wildcard sockets, which
 *          udp_source_open() asks the kernel to tell.
 * Owns:    a batch is the buffers of all sources of one thread. Sources borrow it and their sockets.
 * Limits:  UDP_BATCH datagrams of UDP_QUERY_SIZE_MAX bytes; longer ones are given out empty. */
#pragma once

#include "base/cleanup.h"
#include "base/err.h"
#include "net/datagram.h"

enum { UDP_QUERY_SIZE_MAX = 2048 };

struct udp_batch;

int udp_batch_new(struct udp_batch **ret) must_check;
void udp_batch_free(struct udp_batch *b);
DEFINE_CLEANUP(udp_batch, struct udp_batch *, udp_batch_free);

struct udp_source {
	struct datagram_source base;
	struct udp_batch *batch;
};

/* Makes a bound socket non-blocking and fit for answering. -errno. */
int udp_source_open(struct udp_batch *b, int fd, struct udp_source *ret) must_check;

/* Sends one later answer. -errno. */
int udp_send(const struct udp_peer *peer, struct view answer) must_check;
