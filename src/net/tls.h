/* tls.h - TLS for the side that has the certificate: ciphertext in, plaintext out, and back.
 *
 * What:    a context is one certificate with its key and what may be spoken under it; a session is one
 *          connection. Neither touches a socket, and after tls_context_new() nothing reads a file.
 *          TLS 1.2 with forward secrecy and authenticated ciphers, or 1.3; no renegotiation, no compression,
 *          no early data; who offers protocols (ALPN) and none of ours is sent away; sessions are resumed by
 *          tickets alone, each of which (TLS 1.3) brings another.
 * Owns:    a session keeps its context until it is freed: another context may take the place meanwhile.
 * Memory:  an idle session keeps no buffers.
 * Threads: one for a context and all of its sessions.
 * Source:  RFC 8446, RFC 5246, RFC 7301, RFC 9325. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/view.h"
#include "net/tls_tickets.h"

/* What clients may ask to speak, the server's favourite first; ends with NULL. */
extern const char *const tls_protocols_dns[], *const tls_protocols_http[];

/* A context and a session of OpenSSL. */
struct ssl_ctx_st;
struct ssl_st;

/* `pem`: the certificate, those above it, and the key. `tickets` outlive the context. ERR_INVALID for a text
 * that is not that; -ENOMEM. */
int tls_context_new(struct view pem, const char *const *protocols, struct tls_tickets *tickets,
                    struct ssl_ctx_st **ret) must_check;
/* NULL is fine. */
void tls_context_free(struct ssl_ctx_st *c);

struct tls_session {
	struct ssl_st *ssl;
	struct view in;     /* ciphertext that is being read */
	struct buffer *out; /* ciphertext to be sent is added here, in every function below */
};

/* In place. -ENOMEM. */
int tls_session_init(struct tls_session *t, struct ssl_ctx_st *c, struct buffer *out) must_check;
void tls_session_done(struct tls_session *t);

enum { TLS_MORE = 0, TLS_ENDED = -2 };

/* Returns how many bytes of plaintext are in `room`; TLS_MORE when t->in is used up; TLS_ENDED when the client
 * has said that it sends no more; or ERR_MALFORMED, after which only tls_session_done() is left. */
int tls_session_read(struct tls_session *t, uint8_t *room, size_t room_size) must_check;
/* Encrypts; not before the handshake is done. */
int tls_session_write(struct tls_session *t, struct view plaintext) must_check;
/* Says that we send no more. */
void tls_session_end(struct tls_session *t);

bool tls_session_is_open(const struct tls_session *t); /* the handshake is done */
bool tls_session_was_resumed(const struct tls_session *t);
/* The protocol that was agreed on; empty when the client offered none. */
struct view tls_session_protocol(const struct tls_session *t);
