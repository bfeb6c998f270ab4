/* message.h - typed messages with descriptors between processes of one program, over a socket pair.
 *
 * What:    one packet of a SOCK_SEQPACKET socket: type and size (big-endian), bytes, and up to
 *          MESSAGE_FDS_MAX descriptors. Whatever is large travels as a descriptor, so a packet is small.
 * Owns:    a received message owns its descriptors until message_take_fd() or message_done().
 * Fails:   ERR_MALFORMED for a packet that breaks the format, ERR_MISSING when the other end is gone,
 *          -errno of the socket.
 * Limits:  MESSAGE_BYTES_MAX bytes, MESSAGE_FDS_MAX descriptors. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"

enum { MESSAGE_BYTES_MAX = 4096, MESSAGE_FDS_MAX = 4, MESSAGE_HEADER_SIZE = 8 };

struct message {
	uint32_t type;
	uint32_t size;
	uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t fd_count;
	int fds[MESSAGE_FDS_MAX]; /* -1 once taken */
};

/* Both ends are closed on exec. */
int message_pair(int ret_fds[static 2]) must_check;

/* Never raises SIGPIPE. Waits while the other end is slow, unless the socket is non-blocking: then
 * -EAGAIN. The descriptors stay the caller's. */
int message_send(int fd, uint32_t type, struct view bytes, const int *fds,
                 size_t fd_count) must_check;

/* The descriptors that arrive are closed on exec. */
int message_receive(int fd, struct message *ret) must_check;

/* The pure half of message_receive(): reads everything but the descriptors, whose number is
 * `fd_count`. ERR_MALFORMED when the packet is not exactly one message. */
int message_parse(struct view packet, size_t fd_count, struct message *ret) must_check;

/* Hands descriptor `index` to the caller; -1 when the message has none there. */
int message_take_fd(struct message *m, size_t index);
/* Closes the descriptors that nobody took. */
void message_done(struct message *m);

static inline struct view message_view(const struct message *m)
{
	return view_of(m->bytes, m->size);
}

static inline void cleanup_message(struct message *m)
{
	message_done(m);
}
