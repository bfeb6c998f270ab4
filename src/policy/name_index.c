#include "policy/name_index.h"

#include "policy/name_index_form.h"

int name_index_open(struct view block, struct name_index *ret)
{
	if (block.size < NAME_INDEX_HEADER_SIZE)
		return ERR_TRUNCATED;
	const uint8_t *b = block.bytes;
	if (flat_u32(b + AT_MAGIC) != NAME_INDEX_MAGIC)
		return ERR_MALFORMED;
	if (flat_u32(b + AT_VERSION) != NAME_INDEX_VERSION)
		return ERR_VERSION;
	struct name_index index = {
		.names = flat_u32(b + AT_NAMES),
		.values = flat_u32(b + AT_VALUES),
		.blocks = flat_u32(b + AT_BLOCKS),
		.buckets = flat_u32(b + AT_BUCKETS),
		.records_size = flat_u32(b + AT_RECORDS_SIZE),
		.filter = b + NAME_INDEX_HEADER_SIZE,
	};
	uint64_t filter_size = (uint64_t)index.blocks * FILTER_BLOCK_SIZE;
	uint64_t offsets_size = ((uint64_t)index.buckets + 1) * 4;
	uint64_t need = NAME_INDEX_HEADER_SIZE + filter_size + offsets_size + index.records_size;
	if (block.size != need || index.blocks == 0 || index.buckets == 0)
		return block.size < need ? ERR_TRUNCATED : ERR_MALFORMED;
	index.offsets = index.filter + filter_size;
	index.records = index.offsets + offsets_size;
	name_hash_secrets(flat_u64(b + AT_SEED), index.secret);
	for (unsigned i = 0; i < 2; i++) {
		index.whole[i] = flat_u64(b + AT_WHOLE + 8u * i);
		index.part[i] = flat_u64(b + AT_PART + 8u * i);
		if (index.whole[i] | index.part[i])
			index.depth_max = 64 * i + 63u -
			                  (unsigned)__builtin_clzll(index.whole[i] | index.part[i]);
	}
	if (index.depth_max > DNAME_LABELS_MAX)
		return ERR_MALFORMED;
	*ret = index;
	return OK;
}

static bool has_bit(const uint64_t bits[2], unsigned at)
{
	return bits[at / 64] >> (at % 64) & 1;
}

static bool filter_has(const struct name_index *index, uint64_t hash)
{
	struct filter_probe probe = filter_probe(hash, index->blocks);
	uint64_t absent = (~flat_u64(index->filter + probe.at[0]) & probe.bits[0]) |
	                  (~flat_u64(index->filter + probe.at[1]) & probe.bits[1]);
	return absent == 0;
}

/* Reads one entry; false when it does not end before `end`. */
static bool read_entry(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
	uint64_t entry = 0;
	for (unsigned shift = 0; shift < 7 * ENTRY_SIZE_MAX && *at < end; shift += 7) {
		uint8_t byte = *(*at)++;
		entry |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			*ret = entry;
			return true;
		}
	}
	return false;
}

static const uint8_t *skip_entries(const uint8_t *at, const uint8_t *end)
{
	uint64_t entry;
	do {
		if (!read_entry(&at, end, &entry))
			return end;
	} while (entry & ENTRY_MORE);
	return at;
}

/* Returns where the entries of exactly this name (wire form without its root) begin, or NULL, and the
 * end of its bucket. */
static const uint8_t *find_record(const struct name_index *index, uint64_t hash, struct view name,
                                  const uint8_t **ret_end)
{
	const uint8_t *offset = index->offsets + 4 * (size_t)name_hash_reduce(hash, index->buckets);
	uint32_t begin = flat_u32(offset), finish = flat_u32(offset + 4);
	if (begin > finish || finish > index->records_size)
		return NULL;
	const uint8_t *at = index->records + begin, *end = index->records + finish;
	while (at < end) {
		size_t size = *at++;
		if (size > (size_t)(end - at))
			return NULL;
		if (size == name.size && memcmp(at, name.bytes, size) == 0) {
			*ret_end = end;
			return at + size;
		}
		at = skip_entries(at + size, end);
	}
	return NULL;
}

struct found {
	struct name_match *matches;
	size_t count, max;
};

static void take_entries(const uint8_t *at, const uint8_t *end, unsigned labels, bool is_whole,
                         struct found *found)
{
	uint64_t entry;
	do {
		if (!read_entry(&at, end, &entry))
			return;
		unsigned rule = entry & 3;
		if (rule > NAME_BELOW || rule == (is_whole ? NAME_BELOW : NAME_EXACT))
			continue;
		if (found->count == found->max)
			return;
		found->matches[found->count++] = (struct name_match){
			.value = (uint32_t)(entry >> ENTRY_RULE_BITS),
			.labels = (uint8_t)labels,
			.rule = (uint8_t)rule,
		};
	} while (entry & ENTRY_MORE);
}

size_t name_index_find(const struct name_index *index, const struct dname *name,
                       struct name_match *ret, size_t max)
{
	unsigned labels = name->labels;
	uint8_t begins[DNAME_LABELS_MAX + 1]; /* of the label, counted from the left */
	for (unsigned i = 0, at = 0; i <= labels; i++) {
		begins[i] = (uint8_t)at;
		at += name->bytes[at] + 1u;
	}
	/* every suffix that the filter does not rule out, fewest labels first */
	uint64_t hashes[DNAME_LABELS_MAX + 1], hash = index->secret[1];
	uint8_t depths[DNAME_LABELS_MAX + 1];
	unsigned count = 0, depth_max = labels < index->depth_max ? labels : index->depth_max;
	for (unsigned depth = 0;; depth++) {
		hashes[count] = hash;
		depths[count] = (uint8_t)depth;
		if (has_bit(depth == labels ? index->whole : index->part, depth))
			count += filter_has(index, hash);
		if (depth == depth_max)
			break;
		size_t at = begins[labels - depth - 1];
		hash = name_hash_label(hash, name->bytes + at, DNAME_SIZE_MAX - at, index->secret);
	}
	struct found found = {ret, 0, max};
	while (count--) {
		size_t at = begins[labels - depths[count]];
		const uint8_t *end,
			*entries =
				find_record(index, hashes[count],
		                            view_of(name->bytes + at, name->size - at - 1), &end);
		if (entries)
			take_entries(entries, end, depths[count], depths[count] == labels, &found);
	}
	return found.count;
}

bool name_index_next(const struct name_index *index, size_t *at, struct view *ret_name)
{
	const uint8_t *end = index->records + index->records_size;
	if (*at >= index->records_size)
		return false;
	const uint8_t *name = index->records + *at + 1;
	size_t size = name[-1];
	if (size > (size_t)(end - name))
		return false;
	*ret_name = view_of(name, size);
	*at = (size_t)(skip_entries(name + size, end) - index->records);
	return true;
}
