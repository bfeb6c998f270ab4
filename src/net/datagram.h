/* datagram.h - datagrams by the batch, whichever way they come and go.
 *
 *	int count = source->receive(source, batch);
 *	for (int i = 0; i < count; i++)
 *		batch[i].answer_size = answer_into(batch[i].query, batch[i].room, batch[i].room_size);
 *	source->send(source, batch, count);
 *
 * What:    one source is one socket of the system or one queue of an interface.
 * Owns:    the source owns what a batch points to, until it receives the next.
 * To add a source: a struct that begins with a struct datagram_source, and a function that fills it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/view.h"

enum {
	UDP_BATCH = 64,
	UDP_ANSWER_SIZE_MAX = 1232,
	UDP_CONTROL_SIZE = 64,
};

struct datagram {
	struct view query;     /* empty when it was cut or is not whole */
	struct address client; /* none when it is not of the internet */
	uint8_t *room;
	size_t room_size;
	size_t answer_size; /* 0: no answer */
};

/* What is needed to answer later. */
struct udp_peer {
	int fd; /* a UDP socket, which sends it */
	struct sockaddr_storage name;
	uint8_t name_size, control_size;
	uint8_t control[UDP_CONTROL_SIZE] __attribute__((aligned(8)));
};

struct datagram_source {
	int fd; /* can be read when something came */
	/* Returns how many came (0: none), or -errno. UDP_BATCH of them means: ask again. */
	int (*receive)(struct datagram_source *s, struct datagram batch[static UDP_BATCH]);
	/* Sends the answers of the batch. Returns how many could not be sent. */
	unsigned (*send)(struct datagram_source *s, const struct datagram *batch, int count);
	/* Of the so-many-th of the batch. */
	void (*peer)(const struct datagram_source *s, int i, struct udp_peer *ret);
};
