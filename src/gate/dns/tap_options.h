/* tap_options.h - where queries are written to, which of them, and how much of who asked.
 *
 * Both are off unless a place to write to is named. */
#pragma once

#include "config/schema.h"

/* Which queries; each holds those before it. tap_scope_names[] in the same order. */
enum tap_scope { TAP_BLOCKED, TAP_OBSERVED, TAP_ALL };
extern const char *const tap_scope_names[];

/* How much of the client is kept; tap_clients_names[] in the same order. dnstap has room for an address and
 * for nothing else that tells a client: no pseudonyms there. */
enum tap_clients { TAP_CLIENTS_NONE, TAP_CLIENTS_NETWORK, TAP_CLIENTS_FULL, TAP_CLIENTS_PSEUDONYM };
extern const char *const tap_clients_names[];

struct dnstap_options {
	const char *socket;   /* path, or NULL */
	struct endpoint tcp;  /* or none */
	const char *identity; /* NULL: the host's name */
	int queries, clients; /* enum tap_scope, enum tap_clients */
	bool upstream;        /* what is forwarded too */
	int64_t queue_size;   /* of each worker */
};

struct query_log_options {
	const char *file;     /* path, "-" for the standard output, or NULL */
	const char *socket;   /* path, or NULL */
	int queries, clients; /* enum tap_scope, enum tap_clients */
	int64_t queue_size;   /* of each worker */
};

extern const struct schema dnstap_options_schema, query_log_options_schema;

static inline bool dnstap_is_on(const struct dnstap_options *o)
{
	return o->socket || o->tcp.family;
}

static inline bool query_log_is_on(const struct query_log_options *o)
{
	return o->file || o->socket;
}
