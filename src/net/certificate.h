/* certificate.h - a certificate, those above it and its key, as PEM.
 *
 * What:    finds what is wrong with them before they are used, and says where.
 * Owns:    nothing.
 * Fails:   ERR_INVALID with a struct certificate_fault; -ENOMEM.
 * Source:  RFC 7468 (PEM), RFC 5280 s4.1.2.5 (validity). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/view.h"

enum { CERTIFICATE_TEXT_SIZE = 200 };

struct certificate_fault {
	bool is_of_key;  /* else of the chain */
	unsigned line;   /* 0: of the whole */
	bool is_of_time; /* all is well but for the time: not valid yet, or not any more */
	char text[CERTIFICATE_TEXT_SIZE];
};

/* `chain` is the server's certificate first, `key` its private key without a password. On success, and when
 * the fault is only of time (ERR_INVALID), appends both to `ret_pem` as one text. */
int certificate_check(struct view chain, struct view key, int64_t now_us, struct buffer *ret_pem,
                      struct certificate_fault *ret_fault) must_check;

struct ssl_ctx_st;
/* Gives them to a context of OpenSSL. They may stand in one text. */
int certificate_use(struct ssl_ctx_st *c, struct view chain, struct view key,
                    struct certificate_fault *ret_fault) must_check;
