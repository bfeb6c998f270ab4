/* tls_ticket_key.h - has OpenSSL seal session tickets with the keys of tls_tickets.h.
 *
 * Source:  RFC 5077 s4: AES-256-CBC, then HMAC-SHA-256. */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

#include "net/tls_tickets.h"

/* `tickets` outlive the context. False when there is no memory. */
bool tls_ticket_key_use(SSL_CTX *c, struct tls_tickets *tickets);
