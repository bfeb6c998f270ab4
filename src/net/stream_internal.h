/* stream_internal.h - between the server of connections (stream.c), one of them (stream_connection.c) and
 * what lies between its socket and its session (stream_layers.c). */
#pragma once

#include "base/buffer.h"
#include "net/client_counts.h"
#include "net/stream.h"

enum {
	STREAM_LISTENERS_MAX = 64,
	STREAM_READ_SIZE = 64 * 1024,
	STREAM_PLAIN_SIZE = 16 * 1024, /* a record of TLS */
	STREAM_OUT_SIZE = 128 * 1024,
};

struct connection {
	struct session session; /* first: a session leads to its connection */
	uv_tcp_t handle;
	struct stream_server *server;
	struct stream_peer peer;
	struct tls_session tls; /* `ssl` is NULL in the clear */
	struct buffer held;     /* read, and not taken by the session yet */
	int64_t active_us;
	struct connection *older, *newer;  /* by `active_us` */
	struct connection *longer, *later; /* of those with bytes that weigh, see stream_pool.h */
	size_t bytes;                      /* that weigh */
	unsigned waiting;                  /* questions under way */
	uint32_t discarded;                /* bytes that came after the session was over */
	bool is_reading, is_consuming, is_closing;
	bool awaits_proxy; /* the header that says for whom this is */
	bool is_counted;   /* among the connections of its client */
	bool is_speaking;  /* the session is open */
	bool is_leaving;   /* all is said: we wait for the client to close */
	bool has_ended;    /* the client sends no more */
};

struct stream_server {
	struct stream_setup setup;
	uv_tcp_t listeners[STREAM_LISTENERS_MAX];
	uv_timer_t sweep;
	unsigned listener_count;
	unsigned handles; /* open, of the server itself and of connections: the last one frees it */
	uint32_t generation;
	uint32_t connection_count;
	struct connection **connections; /* by number */
	uint32_t *free_numbers;          /* a stack; those from connection_count on are free */
	struct client_counts *clients;
	struct stream_pool own_pool; /* where the setup has none */
	struct connection *oldest, *newest;
	/* Shared by all connections: what is in `out` and `sealed` belongs to `out_owner`, and leaves when its
	 * turn ends. */
	struct connection *out_owner;
	size_t out_size;
	struct buffer sealed; /* by TLS */
	uint8_t in[STREAM_READ_SIZE];
	uint8_t plain[STREAM_PLAIN_SIZE];
	uint8_t out[STREAM_OUT_SIZE];
	uint8_t room[SESSION_ANSWER_SIZE_MAX];
};

/* stream.c */
void stream_server_unref(struct stream_server *s);
/* Whether one more of the client may be; counts it. */
bool stream_server_admit_client(struct stream_server *s, struct connection *c);
/* The connection gives its place back. */
void stream_server_forget(struct stream_server *s, struct connection *c);
void stream_count(struct stream_server *s, enum stream_event event);

/* stream_connection.c */
extern const struct session_host connection_host;
/* Something happened, now: the connection is the last to be idle. */
void connection_touch(struct connection *c);
void connection_unlink(struct connection *c);
/* Lets go on what was held back, and sends what is ready. */
void connection_resume(struct connection *c);
/* Sends what the shared buffers have, whosever it is. */
void stream_flush(struct stream_server *s);
/* Says goodbye first. */
void connection_end(struct connection *c);
void connection_close(struct connection *c);
/* Ends it against the client's will. Who does not read would hold what it was sent, in the kernel, long after: it
 * is reset. */
void connection_drop(struct connection *c);

/* stream_layers.c: what lies between the socket and the session */
void connection_open(struct connection *c);
/* Takes bytes of the socket. */
void connection_receive(struct connection *c, struct view bytes);
/* Gives the session plaintext; what it does not take is held. */
void connection_take(struct connection *c, struct view plaintext);
/* What the client is sent from here on waits in the shared buffers. */
void connection_own_out(struct connection *c);
