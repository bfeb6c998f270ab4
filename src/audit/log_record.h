/* log_record.h - what one line of a log says, as far as an audit asks.
 *
 * Views point into the line, or into the scratch memory of its reader. Empty: the line does not say it. */
#pragma once

#include "base/address.h"
#include "base/timestamp.h"
#include "base/view.h"

enum { LOG_ALIASES_MAX = 16 };

struct log_record {
	int64_t at_us; /* TIME_MIN: not said */
	struct view client, user, host, url, path, destination;
	struct view aliases
		[LOG_ALIASES_MAX]; /* names that an answer led to, or those of a certificate */
	size_t alias_count;
	bool is_certificate;   /* they are the latter: of the server, */
	bool is_clients;       /* but this says that it is the client's */
	bool has_more_aliases; /* than there is room for */
	bool is_answer; /* the question stands in a line of its own: what counts is where it led to */
	uint64_t bytes_up, bytes_down;
	bool is_since; /* they are what has been since the line before */
	/* until both are there */
	struct view date, clock, zone;
	struct view action; /* what was done; read by mappings alone */
};

/* What a column, key or member of a format is for. */
enum log_field {
	LOG_NOTHING,
	LOG_TIME,
	LOG_DATE,
	LOG_CLOCK,
	LOG_ZONE,   /* of date and clock, if they are all that is said: +01:00 */
	LOG_CLIENT, /* an address, perhaps with a port */
	LOG_USER,
	LOG_HOST,        /* a name, or an address, perhaps with a port */
	LOG_URL,         /* a whole one; host/path; or host:port */
	LOG_PATH,        /* what follows the host */
	LOG_REQUEST,     /* "GET url HTTP/1.1" */
	LOG_DESTINATION, /* an address, perhaps with a port */
	LOG_PEER,        /* HIER_DIRECT/address */
	LOG_ALIAS,       /* names or addresses between commas */
	LOG_CERTIFICATE, /* a name of the server's certificate, or some between commas */
	LOG_SUBJECT,     /* whose it is: CN=name, O=A company */
	LOG_CLIENTS,     /* T or true: it is the client's */
	LOG_UP,
	LOG_DOWN,
	LOG_UP_SINCE, /* of a connection that has several lines: what has been since the one before, in place of all */
	LOG_DOWN_SINCE,
	LOG_ACTION,
};

struct log_key {
	const char *key;
	enum log_field field;
};

static inline struct log_record log_record_none(void)
{
	return (struct log_record){.at_us = TIME_MIN};
}

/* The first that says something stays. `-` and the like say nothing. */
void log_record_set(struct log_record *r, enum log_field field, struct view value);
/* The row of that name in a list that ends with NULL; any case. */
enum log_field log_key_find(const struct log_key *keys, struct view key);
/* An address out of `10.0.0.1`, `10.0.0.1:53`, `10.0.0.1#53`, `10.0.0.1/53`, `[2001:db8::1]:53`,
 * `fe80::1%2#53`. */
int log_address_parse(struct view text, struct address *ret) must_check;
/* Its time, or that of its date and clock; TIME_MIN: not said. */
int64_t log_record_time(const struct log_record *r);
