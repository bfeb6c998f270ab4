/* session.h - what is spoken on a connection: bytes in, queries out; answers in, bytes out.
 *
 * What:    a kind is a row of functions over a struct session; it sees neither socket nor clock, so a test
 *          drives it with bytes. Its host is who has the connection: it answers queries at once or later,
 *          in any order, and takes what is to be sent.
 *
 *	session_dns     length-prefixed messages, over TCP and TLS
 *	session_http1   requests of HTTP/1.1, one after the other
 *	session_http2   requests of HTTP/2, by nghttp2
 *
 * To add one: a row of functions in a file of its own, and who chooses it.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum {
	SESSION_QUERY_SIZE_MAX = 16 * 1024,
	SESSION_ANSWER_SIZE_MAX = 65535,
	SESSION_SEND_SIZE_MAX = 68 * 1024, /* at a time */
};

struct session;

enum { SESSION_LATER = -1 };

struct session_host {
	/* The size of the answer in `room`, 0 for none, or SESSION_LATER: then the kind's answer() is
	 * called for the same `stream`, perhaps before this returns. */
	int (*query)(struct session *s, uint32_t stream, struct view query);
	/* Copies the bytes. */
	void (*send)(struct session *s, struct view bytes);
	/* Whether one more query may be asked now. */
	bool (*may_ask)(const struct session *s);
};

struct session_kind {
	const char *name;
	/* It says itself when it has too many questions: it is read from also while no more may be asked. */
	bool reads_always;
	/* Where it has a state: makes it and speaks first. -ENOMEM. NULL otherwise. */
	int (*open)(struct session *s);
	/* Takes bytes off the front: how many, or a negative error after which the connection ends. What is
	 * left comes again with more behind it, or once more may be asked. */
	int (*input)(struct session *s, struct view bytes);
	/* An answer that was promised; empty when there will be none. */
	void (*answer)(struct session *s, uint32_t stream, struct view answer);
	void (*say_goodbye)(
		struct session *s);       /* the host is about to close; NULL: nothing to say */
	void (*close)(struct session *s); /* frees the state; NULL with `open` */
};

struct session {
	const struct session_kind *kind;
	const struct session_host *host;
	uint8_t *room;     /* of answers, SESSION_ANSWER_SIZE_MAX bytes that sessions share */
	struct view path;  /* HTTP: where queries are taken */
	bool is_over;      /* set by the kind: when all is sent the connection ends */
	bool is_malformed; /* beside it: because the client broke the rules */
	size_t kept; /* bytes that the kind holds of a client's requests and of answers to it */
	void *state; /* the kind's */
};

extern const struct session_kind session_dns, session_http1, session_http2;
