/* line_filter.h - which ends of host names and which addresses a policy lists: asked before a line is read.
 *
 * What:    made once from a policy's indexes, then only asked. Of few names the last bytes are in here (line_tails.h).
 *          Of very many it is what they end with as labels (name_stems.h), which the policy already has. Both take some
 *          others for one, and line_filter_has_name() then gives the exact answer.
 * Owns:    line_filter_new() allocates; it borrows the policy.
 * Limits:  a part of a URL that is listed without its host (match `contains`), or a rule for the root of all names,
 *          takes every line.
 * Threads: any, once made. */
#pragma once

#include "audit/line_tails.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"
#include "policy/policy.h"

enum { LINE_ADDRESS_WORDS = 65536 / 64 };

struct line_filter {
	const struct policy *policy;
	bool takes_all;
	unsigned with; /* enum name_stems_with: what its names are */
	bool has_address4, has_address6;
	bool is_wide_address4; /* there are too many for address4_tails, which then is not asked */
	bool is_low_address6;  /* one begins with 0 */
	/* below: private */
	struct line_tails tails, address4_tails;
	struct dname *hosts; /* of URLs, in order */
	size_t host_count;
	struct address *host_addresses; /* where a URL has one in place of a host */
	size_t host_address_count;
	/* by the first two bytes of an address */
	uint64_t *address4, *address6;
};

/* The policy's stems are asked, otherwise `tails`. */
static inline bool line_filter_is_large(const struct line_filter *f)
{
	return f->policy->stems.words != NULL;
}

int line_filter_new(const struct policy *policy, struct line_filter **ret) must_check;
void line_filter_free(struct line_filter *f);
DEFINE_CLEANUP(line_filter, struct line_filter *, line_filter_free);

/* Of line_filter_new(): fills address4_tails. */
int line_filter_add_addresses4(struct line_filter *f) must_check;
/* Of the last bytes of a text in lower case. */
static inline struct line_tail line_tail_of(const uint64_t bytes[2])
{
	struct line_tail tail = {.last = bytes[1]};
	memcpy(&tail.before, (const uint8_t *)bytes + NAME_END_SIZE - LINE_TAIL_LONG,
	       sizeof(tail.before));
	return tail;
}

/* Whether the policy has an identifier by that name, or a URL at that host. `text` is ASCII or UTF-8. */
bool line_filter_has_name(const struct line_filter *f, struct view text);
bool line_filter_has_address(const struct line_filter *f, const struct address *a);
