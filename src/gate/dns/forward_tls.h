/* forward_tls.h - the client's side of TLS to an upstream server, without sockets.
 *
 * What:    bytes from the wire in, bytes for the wire out. The certificate must be valid, chain to a root
 *          that is trusted and bear the server's name: otherwise the session fails, and nothing was sent
 *          but the handshake. There is no way to ask for less.
 * Owns:    the context and each session's OpenSSL objects. A session is resumed when the server allows it.
 * Limits:  TLS 1.2 and 1.3.
 * Source:  RFC 8310 s5 and s8.1 (strict privacy, names), RFC 9325, RFC 7858 s3.2 (ALPN "dot"). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/err.h"

struct forward_tls;
struct forward_tls_session;

/* `ca_file` of NULL: the system's roots. -ENOMEM; ERR_INVALID when the file has no certificates. */
int forward_tls_new(const char *ca_file, struct forward_tls **ret) must_check;
void forward_tls_free(struct forward_tls *t);
DEFINE_CLEANUP(forward_tls, struct forward_tls *, forward_tls_free);

/* What a server gave to be resumed by; NULL at first. The owner frees it. */
struct forward_ticket;
void forward_ticket_free(struct forward_ticket *t);

/* `name` and `ticket` outlive the session. -ENOMEM. */
int forward_tls_open(struct forward_tls *t, const char *name, struct forward_ticket **ticket,
                     struct forward_tls_session **ret) must_check;
void forward_tls_close(struct forward_tls_session *s);

/* Takes bytes from the wire, adds what they say to `plain` and what is to be sent to `wire`. Call it with no
 * bytes to begin. ERR_DENIED when the certificate is not acceptable, ERR_MALFORMED for any other failure,
 * ERR_MISSING when the server has closed the session. */
int forward_tls_take(struct forward_tls_session *s, struct view bytes, struct buffer *plain,
                     struct buffer *wire) must_check;
/* Adds to `wire` what says `plain`; only once the session is established. */
int forward_tls_say(struct forward_tls_session *s, struct view plain,
                    struct buffer *wire) must_check;
bool forward_tls_is_established(const struct forward_tls_session *s);
