/* starttls.h - where TLS begins in a connection that begins in another protocol.
 *
 * What:    pure functions over the first bytes of both directions. They do not follow the protocol: a command
 *          that asks for TLS, wherever it stands, and then the first byte that begins TLS and is none of the
 *          protocol's own. So nothing that a server might pass over hides the hello; what stands before it may have
 *          that byte, too: further places are the caller's to try.
 * Fails:   ERR_TRUNCATED: not yet; ERR_MISSING: never.
 * Limits:  none of its own: who holds the bytes has one.
 * Source:  RFC 3207 (SMTP), RFC 9051 s6.2.1 (IMAP), RFC 2595 s4 (POP3), RFC 4217 (FTP), RFC 4642 (NNTP),
 *          RFC 6120 s5 (XMPP), RFC 4511 s4.14 (LDAP), PostgreSQL: Frontend/Backend Protocol, "SSL Session
 *          Encryption", MySQL: Client/Server Protocol, "Protocol::SSLRequest".
 *
 * To add a dialect: one constant, one row of dialects[]. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/view.h"

enum starttls_dialect {
	STARTTLS_SMTP, /* and FTP: they begin alike */
	STARTTLS_IMAP,
	STARTTLS_POP3,
	STARTTLS_NNTP,
	STARTTLS_XMPP,
	STARTTLS_LDAP,
	STARTTLS_POSTGRESQL,
	STARTTLS_MYSQL,
	STARTTLS_DIALECTS
};

/* By the server's first bytes, or by the client's where it speaks first. */
int starttls_recognise(struct view client, struct view server,
                       enum starttls_dialect *ret) must_check;
/* Where in the client's stream TLS begins. */
int starttls_find(enum starttls_dialect dialect, struct view client, size_t *ret_at) must_check;
