/* line_filter.h - which ends of host names and which addresses a policy lists: asked before a line is read.
 *
 * What:    made once from a policy's indexes, then only asked. Of few names the last bytes are in here (line_tails.h).
 *          Of very many it is the last two labels, or the last three where two are short (LINE_SHORT_MAX), at a cost that
 *          does not depend on how many there are. Both take some others for one, and line_filter_has_name() then gives the
 *          exact answer.
 * Owns:    line_filter_new() allocates, about two bytes a name; it borrows the policy.
 * Limits:  a part of a URL that is listed without its host (match `contains`), or a rule for the root of all names,
 *          takes every line.
 * Threads: any, once made. */
#pragma once

#include "audit/line_tails.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"
#include "policy/policy.h"

/* Two labels as short as com.tw and co.uk have very many names below them: there the third belongs to the key. */
enum { LINE_KEY_SIZE = 16, LINE_SHORT_MAX = 6, LINE_ADDRESS_WORDS = 65536 / 64 };

struct line_filter {
	const struct policy *policy;
	bool takes_all;
	bool has_single;  /* names of one label: each last label is asked for too */
	bool has_strange; /* names whose last label begins with no letter */
	bool has_address4, has_address6;
	bool is_wide_address4; /* there are too many for address4_tails, which then is not asked */
	bool is_low_address6;  /* one begins with 0 */
	/* below: private */
	bool is_large; /* `words` and `shorts` are asked, otherwise `tails` */
	struct line_tails tails, address4_tails;
	uint64_t *words;
	uint64_t *shorts; /* listed names of two short labels; 1 << shorts_log bits */
	unsigned shorts_log;
	uint32_t word_count;
	struct dname *hosts; /* of URLs, in order */
	size_t host_count;
	struct address *host_addresses; /* where a URL has one in place of a host */
	size_t host_address_count;
	/* by the first two bytes of an address */
	uint64_t *address4, *address6;
	uint64_t secret[2];
};

int line_filter_new(const struct policy *policy, struct line_filter **ret) must_check;
void line_filter_free(struct line_filter *f);
DEFINE_CLEANUP(line_filter, struct line_filter *, line_filter_free);

/* Of line_filter_new(): fills address4_tails. */
int line_filter_add_addresses4(struct line_filter *f) must_check;
/* The tail of a key in lower case. */
static inline struct line_tail line_tail_of(const uint64_t key[2])
{
	struct line_tail tail = {.last = key[1]};
	memcpy(&tail.before, (const uint8_t *)key + LINE_KEY_SIZE - LINE_TAIL_LONG,
	       sizeof(tail.before));
	return tail;
}

/* Whether the policy has an identifier by that name, or a URL at that host. `text` is ASCII or UTF-8. */
bool line_filter_has_name(const struct line_filter *f, struct view text);
bool line_filter_has_address(const struct line_filter *f, const struct address *a);

/* The key of the last LINE_KEY_SIZE bytes of a name's end, in lower case, as two numbers; the first bytes of a
 * shorter one are zero. */
static inline uint64_t line_filter_hash(const struct line_filter *f, uint64_t low, uint64_t high)
{
	unsigned __int128 product = (unsigned __int128)(low ^ f->secret[0]) * (high ^ f->secret[1]);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of the last `size` of the LINE_KEY_SIZE bytes before an end. */
ALWAYS_INLINE uint64_t line_filter_hash_end(const struct line_filter *f, const uint64_t bytes[2],
                                            size_t size)
{
	static const uint64_t window[4] = {0, 0, UINT64_MAX, UINT64_MAX};
	uint64_t mask[2];
	memcpy(mask, (const uint8_t *)window + (size < LINE_KEY_SIZE ? size : LINE_KEY_SIZE),
	       sizeof(mask));
	return line_filter_hash(f, bytes[0] & mask[0], bytes[1] & mask[1]);
}

static inline const uint64_t *line_filter_word(const struct line_filter *f, uint64_t hash)
{
	return f->words + ((hash >> 32) * f->word_count >> 32);
}

static inline uint64_t line_filter_bits(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) |
	       UINT64_C(1) << (hash >> 12 & 63) | UINT64_C(1) << (hash >> 18 & 63);
}

/* False: no listed name ends so. */
static inline bool line_filter_may_have(const struct line_filter *f, uint64_t hash)
{
	uint64_t bits = line_filter_bits(hash);
	return (*line_filter_word(f, hash) & bits) == bits;
}

/* The place in `shorts` of a name of two labels, LINE_SHORT_MAX bytes at most; `high`: the last eight bytes before its
 * end. Of a longer one it is any. */
static inline uint64_t line_filter_short(const struct line_filter *f, uint64_t high, unsigned size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t name = high >> ((64 - 8 * size) & 63);
#else
	uint64_t name = high & ((UINT64_C(1) << (8 * size & 63)) - 1);
#endif
	return name * (f->secret[0] | 1) >> (64 - f->shorts_log);
}

static inline unsigned line_filter_may_have_short(const struct line_filter *f, uint64_t high,
                                                  unsigned size)
{
	uint64_t at = line_filter_short(f, high, size);
	return (unsigned)(f->shorts[at / 64] >> (at % 64)) & 1;
}
