/* authority_files.h - the organisation's own authority, and the server's certificate under it, as files.
 *
 *	authority.key   the authority's private key, then its certificate; mode 0600
 *	authority.crt   its certificate again, for clients
 *	server.pem      the server's certificate, the authority's, and the server's key; mode 0600
 *
 * What:    each file is complete by itself, so that a crash between two of them leaves nothing that does not
 *          fit together. The authority is made once and never replaced. The server's certificate is replaced
 *          when two thirds of its life are over, or when it is not of this authority or for other names.
 * Fails:   ERR_INVALID with problems that name the file; -errno. */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/problem.h"
#include "gate/dns/server_options.h"

#define AUTHORITY_CERTIFICATE_FILE "authority.crt"

struct authority_request {
	const struct dns_server_options *server;
	const char *organisation; /* the name of an authority that is made */
	int64_t now_us;
};

/* Appends server.pem, which it makes where it must, and sets when the next one is due: TIME_MAX when no later
 * one can be had. An authority whose time is over is added to `of_time`, and the old certificate is kept. */
int authority_files_open(const struct authority_request *r, struct problems *of_time,
                         struct problems *problems, struct buffer *ret_pem,
                         int64_t *ret_renew_at_us) must_check;
