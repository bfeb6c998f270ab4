/* name_index.h - from a domain name to the values of every entry that covers it.
 *
 * What:    pure look-ups in one flat block of bytes, made by name_index_builder.h. The block is used
 *          where it lies (normally a mapped file): nothing is parsed, copied or allocated. A name that
 *          nothing covers costs one filter probe a suffix, and that is the case made fastest.
 * Owns:    nothing. A name_index borrows the block; the block must not change.
 * Exact:   names are compared byte by byte on a hit; there are no false positives.
 * Fails:   name_index_open() checks sizes in constant time. It does not read the names: a block that
 *          was altered gives wrong answers, but no look-up in it reads outside the block. The file
 *          around it carries the checksum.
 * Limits:  4 GiB of names; a block that starts at a multiple of 64 bytes is a little faster.
 * Threads: any, at the same time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"

enum name_rule {
	NAME_EXACT,  /* the name itself */
	NAME_SUFFIX, /* the name and every name below it */
	NAME_BELOW,  /* every name below it, not itself: `*.example.com` */
};

struct name_match {
	uint32_t value;
	uint8_t labels; /* how many labels the entry has: more is more specific; 0 is the root */
	uint8_t rule;   /* enum name_rule */
};

struct name_index {
	uint32_t names;  /* different names */
	uint32_t values; /* entries: one name may have several values and rules */
	/* below: private */
	uint32_t blocks, buckets, records_size;
	unsigned depth_max;
	uint64_t secret[2];
	uint64_t whole[2],
		part[2]; /* bit n: an entry of n labels may match a name of n, of more labels */
	const uint8_t *filter, *offsets, *records;
};

/* Opens a block of exactly these bytes. ERR_TRUNCATED, ERR_VERSION, ERR_MALFORMED. */
int name_index_open(struct view block, struct name_index *ret) must_check;

/* Writes every entry that covers `name`, most labels first, within one name in the order of enum
 * name_rule and then of value. Returns how many were written: 0 when nothing matches, at most `max`
 * (the most specific ones). */
size_t name_index_find(const struct name_index *index, const struct dname *name,
                       struct name_match *ret, size_t max);

/* Writes the names that have entries, one a call, in wire form without the root label: `at` is 0 at first, false
 * is the end. NAME_INDEX_BEFORE bytes before a name are the block's, too: one may read them. */
enum { NAME_INDEX_BEFORE = 16 };
bool name_index_next(const struct name_index *index, size_t *at, struct view *ret_name);
