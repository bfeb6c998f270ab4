/* page.h - the short page that a reader in cleartext HTTP gets instead of what is refused.
 *
 * What:    a whole HTTP/1.1 response: 451 where an order demands it, 403 for a rule of the organisation's own;
 *          order, clause, product, the obligation's words, contact and reference, escaped, in the reader's
 *          language if it is one of language_names[], else in the organisation's. The connection ends with it.
 *          Pure.
 * Limits:  PAGE_SIZE_MAX bytes; long texts are cut.
 * Threads: any.
 * Source:  RFC 7725 (451, and its link to who demands it is left out: orders name no URI), RFC 9110 s12.5.4
 *          (Accept-Language), RFC 9112 s9.6 (close). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "policy/policy.h"

enum { PAGE_SIZE_MAX = 4096 };

struct page {
	const struct policy *policy;
	uint32_t rule;               /* which refuses; of the policy */
	uint64_t reference;          /* that the person can quote; 0: none */
	struct view accept_language; /* as the request has it; empty: none */
	bool is_head;                /* the method has no body in its response */
};

/* Returns its size. */
size_t page_write(const struct page *page, uint8_t room[static PAGE_SIZE_MAX]);

/* The best of language_names[] for that field, or NULL. */
const char *page_language(struct view accept_language);
