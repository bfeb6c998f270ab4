/* https.h - fetches documents by HTTPS, several at a time, without blocking.
 *
 * What:    libcurl does all of it: TLS with verification, HTTP/2, gzip, redirects (five at most, and to https
 *          only). Here are the rules, the limits, and what an answer comes down to.
 * Owns:    a transfer lives from https_get() until https_next() has handed over its answer; the body is the
 *          caller's then.
 * Limits:  size_max bytes after decompression; the time; HTTPS_TAG_MAX bytes of a tag, longer ones are left
 *          out; a connection that brings next to nothing for half a minute is given up.
 * Threads: one. libcurl looks names up in threads of its own.
 * Source:  RFC 9110 (13.1 conditional requests), RFC 9113. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"

enum { HTTPS_TAG_MAX = 512, HTTPS_SENTENCE_MAX = 320 };

struct https_client;

/* Texts are borrowed until the answer. */
struct https_request {
	const char *url;
	const char *etag, *modified; /* of what one has; NULL: nothing */
	const char *authorities;     /* PEM, instead of the system's; or NULL */
	size_t size_max;
	int64_t timeout_us;
	void *context; /* comes back with the answer */
};

enum https_outcome {
	HTTPS_BODY, /* 200 */
	HTTPS_SAME, /* 304: one has it */
	HTTPS_FAILED
};

struct https_answer {
	enum https_outcome outcome;
	void *context;
	struct buffer body;
	char etag[HTTPS_TAG_MAX + 1], modified[HTTPS_TAG_MAX + 1]; /* "" when there is none */
	char sentence[HTTPS_SENTENCE_MAX];                         /* why it failed; printable */
};

/* Once in a process, before it is confined: libcurl is opened then, and reads its files. ERR_MISSING when it is
 * not installed, ERR_VERSION when it is too old, -ENOMEM. */
int https_open(const char *user_agent, struct https_client **ret) must_check;
void https_close(struct https_client *c);

int https_get(struct https_client *c, const struct https_request *r) must_check;
/* Drops all transfers. Takes NULL. */
void https_cancel(struct https_client *c);
/* Works until something has happened: on a transfer, on `fd`, or the time is over. */
int https_wait(struct https_client *c, int fd, int timeout_ms, bool *ret_readable) must_check;
/* The next transfer that has ended; false when there is none now. */
bool https_next(struct https_client *c, struct https_answer *ret);
