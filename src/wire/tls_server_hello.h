/* tls_server_hello.h - whether a TLS server took the ClientHello that it was sent.
 *
 * What:    a pure function over the first bytes that the server sent, as few of them as can tell. It reads
 *          on after a HelloRetryRequest: what counts is the last answer.
 * Fails:   ERR_TRUNCATED when it cannot be known yet; ERR_MISSING when this is no TLS; ERR_MALFORMED and
 *          ERR_VERSION when it is TLS and no answer to a ClientHello.
 * Source:  RFC 8446 s4.1.3 and s4.1.4. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum tls_answer {
	TLS_ANSWER_HELLO, /* it goes on with that ClientHello */
	TLS_ANSWER_RETRY, /* it wants another ClientHello */
	TLS_ANSWER_ALERT, /* it speaks of a hello that it read */
};

int tls_answer_read(struct view stream, enum tls_answer *ret) must_check;
/* The same for one handshake message, or the beginning of one, that lies in no records, as in QUIC. */
int tls_answer_read_message(struct view message, enum tls_answer *ret) must_check;
