#include "policy/name_index_builder.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "policy/name_index_form.h"

/* What the builder keeps of one added entry: [rule][value, 4 bytes][labels][size][name without root] */
enum { KEPT_RULE = 0, KEPT_VALUE = 1, KEPT_LABELS = 5, KEPT_SIZE = 6, KEPT_NAME = 7 };

/* One added entry while sorting. */
struct item {
	uint32_t key;    /* top half of the name's hash */
	uint32_t offset; /* in the builder's entries */
};

void name_index_builder_init(struct name_index_builder *b, uint64_t seed, size_t count_max)
{
	*b = (struct name_index_builder){
		.count_max = count_max < UINT32_MAX ? count_max : UINT32_MAX - 1,
		.seed = seed,
		.entries = {.size_max = UINT32_MAX},
	};
}

void name_index_builder_done(struct name_index_builder *b)
{
	buffer_done(&b->entries);
	b->count = 0;
}

int name_index_builder_add(struct name_index_builder *b, const struct dname *name,
                           enum name_rule rule, uint32_t value)
{
	size_t size = name->size - 1u;
	if (b->count >= b->count_max || b->entries.size + KEPT_NAME + size > UINT32_MAX)
		return ERR_LIMIT;
	uint8_t *at = buffer_space(&b->entries, KEPT_NAME + size);
	if (!at)
		return -ENOMEM;
	at[KEPT_RULE] = (uint8_t)rule;
	flat_put_u32(at + KEPT_VALUE, value);
	at[KEPT_LABELS] = name->labels;
	at[KEPT_SIZE] = (uint8_t)size;
	memcpy(at + KEPT_NAME, name->bytes, size);
	b->count++;
	return OK;
}

int name_index_builder_add_text(struct name_index_builder *b, struct view text, enum name_rule rule,
                                uint32_t value)
{
	struct dname name;
	int r = dname_parse_text(text, &name);
	return r < 0 ? r : name_index_builder_add(b, &name, rule, value);
}

/* `room`: bytes that may be read at `name`. */
static uint64_t hash_name(const uint8_t *name, size_t size, size_t room, const uint64_t secret[2])
{
	uint8_t begins[DNAME_LABELS_MAX + 1];
	unsigned labels = 0;
	for (size_t at = 0; at < size; at += name[at] + 1u)
		begins[labels++] = (uint8_t)at;
	uint64_t hash = secret[1];
	while (labels--)
		hash = name_hash_label(hash, name + begins[labels], room - begins[labels], secret);
	return hash;
}

/* Sorts by key, stable; `spare` is room for as many. */
static struct item *sort_by_key(struct item *items, struct item *spare, size_t count)
{
	enum { BITS = 11, SLOTS = 1 << BITS };
	for (unsigned shift = 0; shift < 32; shift += BITS) {
		size_t begins[SLOTS + 1] = {0};
		for (size_t i = 0; i < count; i++)
			begins[(items[i].key >> shift & (SLOTS - 1)) + 1]++;
		for (size_t i = 1; i < SLOTS; i++)
			begins[i] += begins[i - 1];
		for (size_t i = 0; i < count; i++)
			spare[begins[items[i].key >> shift & (SLOTS - 1)]++] = items[i];
		struct item *sorted = spare;
		spare = items;
		items = sorted;
	}
	return items;
}

static int compare_names(const uint8_t *a, const uint8_t *b)
{
	if (a[KEPT_SIZE] != b[KEPT_SIZE])
		return a[KEPT_SIZE] - b[KEPT_SIZE];
	return memcmp(a + KEPT_NAME, b + KEPT_NAME, a[KEPT_SIZE]);
}

/* Of two items with one key: by name, then in the order in which look-ups return them. */
static int compare_items(const void *left, const void *right, void *entries)
{
	const uint8_t *a = (uint8_t *)entries + ((const struct item *)left)->offset;
	const uint8_t *b = (uint8_t *)entries + ((const struct item *)right)->offset;
	int order = compare_names(a, b);
	if (order == 0)
		order = a[KEPT_RULE] - b[KEPT_RULE];
	if (order == 0) {
		uint32_t x = flat_u32(a + KEPT_VALUE), y = flat_u32(b + KEPT_VALUE);
		order = (x > y) - (x < y);
	}
	return order;
}

/* What is being made, all of it over memory owned elsewhere. */
struct build {
	uint8_t *entries;
	size_t entries_size;
	struct item *items;
	size_t count;
	uint32_t names;
	uint64_t secret[2], whole[2], part[2];
	uint8_t *filter, *offsets, *records;
	uint32_t blocks, buckets;
};

static bool is_same_name(const struct build *b, size_t i, size_t j)
{
	return b->items[i].key == b->items[j].key &&
	       compare_names(b->entries + b->items[i].offset, b->entries + b->items[j].offset) == 0;
}

static void make_items(struct build *b)
{
	size_t i = 0;
	for (size_t at = 0; at < b->entries_size; i++) {
		const uint8_t *e = b->entries + at;
		uint64_t hash = hash_name(e + KEPT_NAME, e[KEPT_SIZE],
		                          b->entries_size - at - KEPT_NAME, b->secret);
		b->items[i] = (struct item){(uint32_t)(hash >> 32), (uint32_t)at};
		uint64_t bit = UINT64_C(1) << e[KEPT_LABELS] % 64;
		if (e[KEPT_RULE] != NAME_BELOW)
			b->whole[e[KEPT_LABELS] / 64] |= bit;
		if (e[KEPT_RULE] != NAME_EXACT)
			b->part[e[KEPT_LABELS] / 64] |= bit;
		at += KEPT_NAME + e[KEPT_SIZE];
	}
}

/* Puts items of one key in order and drops repeats; keys are hashes, so nearly all stand alone. */
static void settle_ties(struct build *b)
{
	size_t kept = 0;
	b->names = 0;
	for (size_t i = 0, end; i < b->count; i = end) {
		for (end = i + 1; end < b->count && b->items[end].key == b->items[i].key;)
			end++;
		if (end - i > 1)
			qsort_r(b->items + i, end - i, sizeof(*b->items), compare_items,
			        b->entries);
		size_t first = kept;
		for (size_t j = i; j < end; j++) {
			if (kept > first &&
			    compare_items(&b->items[kept - 1], &b->items[j], b->entries) == 0)
				continue;
			b->items[kept] = b->items[j];
			b->names += kept == first || !is_same_name(b, kept - 1, kept);
			kept++;
		}
	}
	b->count = kept;
}

static uint8_t *write_entry(uint8_t *at, const uint8_t *kept, bool more)
{
	uint64_t entry = (uint64_t)flat_u32(kept + KEPT_VALUE) << ENTRY_RULE_BITS |
	                 (more ? ENTRY_MORE : 0) | kept[KEPT_RULE];
	for (; entry > 127; entry >>= 7)
		*at++ = (uint8_t)(entry | 128);
	*at++ = (uint8_t)entry;
	return at;
}

static void filter_add(struct build *b, uint64_t hash)
{
	struct filter_probe probe = filter_probe(hash, b->blocks);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *word = b->filter + probe.at[i];
		flat_put_u64(word, flat_u64(word) | probe.bits[i]);
	}
}

/* Writes offsets, records and filter; returns the size of the records. */
static size_t write_records(struct build *b)
{
	uint8_t *at = b->records;
	uint32_t buckets_begun = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (i + 16 < b->count)
			__builtin_prefetch(b->entries + b->items[i + 16].offset);
		const uint8_t *kept = b->entries + b->items[i].offset;
		if (i == 0 || !is_same_name(b, i - 1, i)) {
			uint64_t hash = hash_name(kept + KEPT_NAME, kept[KEPT_SIZE],
			                          b->entries_size - b->items[i].offset - KEPT_NAME,
			                          b->secret);
			for (; buckets_begun <= name_hash_reduce(hash, b->buckets); buckets_begun++)
				flat_put_u32(b->offsets + 4 * (size_t)buckets_begun,
				             (uint32_t)(at - b->records));
			filter_add(b, hash);
			memcpy(at, kept + KEPT_SIZE, kept[KEPT_SIZE] + 1u);
			at += kept[KEPT_SIZE] + 1u;
		}
		at = write_entry(at, kept, i + 1 < b->count && is_same_name(b, i, i + 1));
	}
	for (; buckets_begun <= b->buckets; buckets_begun++)
		flat_put_u32(b->offsets + 4 * (size_t)buckets_begun, (uint32_t)(at - b->records));
	return (size_t)(at - b->records);
}

static void write_header(const struct build *b, uint64_t seed, uint32_t records_size,
                         uint8_t header[static NAME_INDEX_HEADER_SIZE])
{
	memset(header, 0, NAME_INDEX_HEADER_SIZE);
	flat_put_u32(header + AT_MAGIC, NAME_INDEX_MAGIC);
	flat_put_u32(header + AT_VERSION, NAME_INDEX_VERSION);
	flat_put_u64(header + AT_SEED, seed);
	flat_put_u32(header + AT_NAMES, b->names);
	flat_put_u32(header + AT_VALUES, (uint32_t)b->count);
	flat_put_u32(header + AT_BLOCKS, b->blocks);
	flat_put_u32(header + AT_BUCKETS, b->buckets);
	flat_put_u32(header + AT_RECORDS_SIZE, records_size);
	for (unsigned i = 0; i < 2; i++) {
		flat_put_u64(header + AT_WHOLE + 8u * i, b->whole[i]);
		flat_put_u64(header + AT_PART + 8u * i, b->part[i]);
	}
}

/* Takes room for the largest block that these items can need, and gives back what is left of it. */
static int write_block(struct build *b, uint64_t seed, struct buffer *ret)
{
	size_t bits = (size_t)b->names * FILTER_BITS_PER_NAME;
	b->blocks = (uint32_t)(bits / (FILTER_BLOCK_SIZE * 8) + 1);
	b->buckets = b->names + 1;
	size_t filter_size = (size_t)b->blocks * FILTER_BLOCK_SIZE;
	size_t offsets_size = ((size_t)b->buckets + 1) * 4;
	/* an item in the builder is larger than its part of the records */
	size_t records_max = b->entries_size;
	uint8_t *block = buffer_space(ret, NAME_INDEX_HEADER_SIZE + filter_size + offsets_size +
	                                           records_max);
	if (!block)
		return -ENOMEM;
	b->filter = block + NAME_INDEX_HEADER_SIZE;
	b->offsets = b->filter + filter_size;
	b->records = b->offsets + offsets_size;
	memset(b->filter, 0, filter_size);
	size_t records_size = write_records(b);
	write_header(b, seed, (uint32_t)records_size, block);
	ret->size -= records_max - records_size;
	return OK;
}

int name_index_builder_finish(struct name_index_builder *builder, struct buffer *ret)
{
	size_t count = builder->count;
	cleanup(free) struct item *items = calloc(2 * count + 1, sizeof(*items));
	if (!items || ret->failed)
		return -ENOMEM;
	struct build b = {
		.entries = builder->entries.bytes,
		.entries_size = builder->entries.size,
		.items = items,
		.count = count,
	};
	name_hash_secrets(builder->seed, b.secret);
	make_items(&b);
	b.items = sort_by_key(items, items + count, count);
	settle_ties(&b);
	int r = write_block(&b, builder->seed, ret);
	if (r == OK)
		name_index_builder_done(builder);
	return r;
}
