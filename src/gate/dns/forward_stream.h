/* forward_stream.h - one connection to one server, by TCP or TLS, for many questions at a time.
 *
 * What:    opened when there is something to ask, kept for FORWARD_IDLE_MS after the last answer. Questions
 *          go out as they come and answers come in any order. What the server closes is opened again with
 *          the next question.
 * Owns:    its connection; forward_stream_free() closes it without a call, and the loop must run once more.
 * Source:  RFC 7766 s6.2 (reuse, pipelining, closing), RFC 7858 s3.4. */
#pragma once

#include <uv.h>

#include "base/cleanup.h"
#include "gate/dns/forward_tls.h"
#include "gate/dns/upstream.h"

enum {
	FORWARD_IDLE_MS = 20000,
	FORWARD_CONNECT_MS = 3000,   /* with the handshake */
	FORWARD_SILENCE_MS = 5000,   /* with questions open: the connection is taken for dead */
	FORWARD_QUEUE_MAX = 1 << 20, /* bytes that may wait to be sent */
};

struct forward_stream;

struct forward_stream_setup {
	uv_loop_t *loop;
	const struct upstream *to;
	struct forward_tls *tls; /* for UPSTREAM_TLS */
	uint32_t *next_channel;
	void (*packet)(void *context, struct forward_stream *s, struct view packet);
	/* What was asked on this channel will not be answered. `code`: ERR_DENIED for a bad certificate,
	 * ERR_MISSING when the server closed after it had answered, which it may. */
	void (*broken)(void *context, struct forward_stream *s, uint32_t channel, int code);
	void *context;
};

int forward_stream_new(const struct forward_stream_setup *setup,
                       struct forward_stream **ret) must_check;
void forward_stream_free(struct forward_stream *s);
DEFINE_CLEANUP(forward_stream, struct forward_stream *, forward_stream_free);

/* Opens the connection if there is none. -errno. */
int forward_stream_channel(struct forward_stream *s, uint32_t *ret_channel) must_check;
/* Takes a whole query; it is sent by forward_stream_flush(), or when the connection is there. ERR_LIMIT when
 * too much waits. */
int forward_stream_add(struct forward_stream *s, struct view query) must_check;
void forward_stream_flush(struct forward_stream *s);
/* One question less is waited for. */
void forward_stream_release(struct forward_stream *s, uint32_t channel);
