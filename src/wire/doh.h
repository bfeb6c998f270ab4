/* doh.h - DNS queries in HTTP requests, whatever version of HTTP brought them.
 *
 *	int status = doh_check(&request, path);             // what the head alone can be refused for
 *	...                                                  // the body
 *	if (status == OK)
 *		status = doh_query(&request, body, room, sizeof(room), &query);
 *
 * What:    pure functions. A status is that of HTTP, or OK.
 * Owns:    nothing: views point into request, body or `room`.
 * Source:  RFC 8484 s4 and s5.1. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#define DOH_CONTENT_TYPE "application/dns-message"

enum { DOH_QUERY_SIZE_MAX = 16 * 1024 };

struct doh_request {
	struct view method, target, content_type;
	uint64_t body_size; /* what is announced, or was counted so far */
};

/* 404 for another path, 405 for a method other than GET and POST, 413, 415. */
int doh_check(const struct doh_request *request, struct view path) must_check;
/* Finds the query of a request that passed doh_check(). 400 without a query, 413. */
int doh_query(const struct doh_request *request, struct view body, uint8_t *room, size_t room_size,
              struct view *ret_query) must_check;

/* Seconds for which the answer may be kept: the least time of its answer section, and of a denial. */
uint32_t doh_max_age(struct view answer);
