/* udp_batch.h - many datagrams a system call: receives a batch, sends the answers back.
 *
 *	int count = udp_batch_receive(b, fd);
 *	for (int i = 0; i < count; i++)
 *		udp_batch_answer(b, i, answer_into(udp_batch_query(b, i), udp_batch_room(b, i)));
 *	udp_batch_send(b, fd);
 *
 * What:    answers leave from the address that the query came to, also on wildcard sockets, which
 *          udp_batch_prepare() asks the kernel to tell.
 * Owns:    all buffers: views of queries live until the next receive.
 * Limits:  UDP_BATCH datagrams of UDP_QUERY_SIZE_MAX bytes; longer ones are counted as cut and not
 *          given out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"

enum {
	UDP_BATCH = 64,
	UDP_QUERY_SIZE_MAX = 2048,
	UDP_ANSWER_SIZE_MAX = 1232,
	UDP_CONTROL_SIZE = 64,
};

struct udp_batch;

/* What is needed to answer later. */
struct udp_peer {
	struct sockaddr_storage name;
	uint8_t name_size, control_size;
	uint8_t control[UDP_CONTROL_SIZE] __attribute__((aligned(8)));
};

int udp_batch_new(struct udp_batch **ret) must_check;
void udp_batch_free(struct udp_batch *b);
DEFINE_CLEANUP(udp_batch, struct udp_batch *, udp_batch_free);

/* Makes a bound socket non-blocking and fit for answering. -errno. */
int udp_batch_prepare(int fd) must_check;

/* Returns how many datagrams came (0: none), or -errno. UDP_BATCH of them means: ask again. */
int udp_batch_receive(struct udp_batch *b, int fd) must_check;
/* Empty when the datagram was cut. */
struct view udp_batch_query(const struct udp_batch *b, int i);
/* The sender; none when its family is not of the internet. */
struct address udp_batch_client(const struct udp_batch *b, int i);
void udp_batch_peer(const struct udp_batch *b, int i, struct udp_peer *ret);
/* Where its answer of at most UDP_ANSWER_SIZE_MAX bytes goes. */
uint8_t *udp_batch_room(struct udp_batch *b, int i);
/* `size` of 0: no answer. In the order of `i`. */
void udp_batch_answer(struct udp_batch *b, int i, size_t size);
/* Sends all answers. Returns how many the kernel did not take. */
unsigned udp_batch_send(struct udp_batch *b, int fd);

/* Sends one later answer. -errno. */
int udp_send(int fd, const struct udp_peer *peer, struct view answer) must_check;
