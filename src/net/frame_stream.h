/* frame_stream.h - sends frames to a reader of Frame Streams, over a Unix socket or TCP.
 *
 * What:    libfstrm speaks the protocol: handshake, framing, end. The sockets are ours, so that no wait is
 *          without end: one for the reader to read on ends when the caller wants to stop, the others by time.
 * Owns:    its connection.
 * Fails:   -errno; ERR_MALFORMED when the reader does not speak the protocol or want the content.
 * Threads: one.
 * Source:  Frame Streams, as in fstrm/control.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "base/endpoint.h"
#include "base/err.h"

struct frame_stream_target {
	const char *path; /* Unix socket; NULL: `tcp` */
	struct endpoint tcp;
	const char *content; /* type of the frames */
	int stop_fd;         /* readable: give up */
};

struct frame_stream;

int frame_stream_open(const struct frame_stream_target *to, struct frame_stream **ret) must_check;
/* All or an error, after which the stream can only be closed. */
int frame_stream_write(struct frame_stream *s, const struct iovec *frames, size_t count) must_check;
/* Readable when the reader is gone: it has nothing to say in between. */
int frame_stream_fd(const struct frame_stream *s);
/* From here on everything has to be over in so long, whatever `stop_fd` says. */
void frame_stream_hurry(struct frame_stream *s, int64_t within_us);
/* Says that it is the end and waits for the reader to agree; NULL is fine. */
void frame_stream_close(struct frame_stream *s);
DEFINE_CLEANUP(frame_stream, struct frame_stream *, frame_stream_close);
