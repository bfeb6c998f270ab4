/* name_index_builder.h - collects names and writes the block that name_index.h reads.
 *
 *	struct name_index_builder b;
 *	name_index_builder_init(&b, seed, 20000000);
 *	r = name_index_builder_add(&b, &name, NAME_SUFFIX, 7);     // any order, any number of times
 *	r = name_index_builder_finish(&b, &buffer);                // appends the block to `buffer`
 *	name_index_builder_done(&b);
 *
 * The bytes depend only on the seed and on the set of (name, rule, value): not on order or repeats.
 * The seed keys the hash, so that nobody who does not know it can prepare names that collide; take it
 * from something outsiders do not choose, e.g. a hash over all sources of the policy.
 *
 * Owns:    heap memory, about 40 bytes a name, until done; finish empties the builder.
 * Fails:   ERR_LIMIT over `count_max` entries (repeats count) or 4 GiB of names, -ENOMEM. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "policy/name_index.h"
#include "wire/dname.h"

struct name_index_builder {
	size_t count; /* entries added, repeats included */
	/* below: private */
	size_t count_max;
	uint64_t seed;
	struct buffer entries;
};

void name_index_builder_init(struct name_index_builder *b, uint64_t seed, size_t count_max);
void name_index_builder_done(struct name_index_builder *b);

int name_index_builder_add(struct name_index_builder *b, const struct dname *name,
                           enum name_rule rule, uint32_t value) must_check;
/* Any text that dname_parse_text() takes, and its errors. */
int name_index_builder_add_text(struct name_index_builder *b, struct view text, enum name_rule rule,
                                uint32_t value) must_check;
/* An empty builder makes a valid block in which nothing matches. On failure `ret` is as it was. */
int name_index_builder_finish(struct name_index_builder *b, struct buffer *ret) must_check;
