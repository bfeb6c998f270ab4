#include "gate/dns/cache.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

enum {
	UNIT = 16,          /* entries start at multiples of it */
	SET_SLOTS = 8,      /* one line of the processor's cache */
	TAG_BITS = 16,      /* of a slot: tag, then position in units */
	SLOT_BYTES = 256,   /* of the ring a slot of the index: what an answer takes */
	CARRIED_MAX = 8,    /* entries that one insertion may carry along */
	LINE = 64,          /* of the processor's cache */
	EXPECTED_LINES = 4, /* of them hold a small answer */
	KEY_SIZE_MAX = DNAME_SIZE_MAX + 1,
};

/* Positions only grow; what is `size` or more behind the head has been written over. */
struct cache {
	uint8_t *ring;
	uint64_t size; /* bytes, a multiple of UNIT */
	uint64_t head; /* where the next entry goes */
	uint64_t tail; /* the oldest entry */
	uint32_t stale_s;
	size_t entries;
	uint64_t (*sets)[SET_SLOTS];
	uint64_t set_mask;
	uint64_t seed;
	struct cache_counts counts;
};

struct entry {
	uint32_t hash_low; /* chooses the set */
	uint16_t tag;      /* of the slot */
	uint16_t hits;
	uint32_t size; /* with this header and what fills it up to a UNIT */
	uint32_t added_s, expires_s;
	uint16_t type;     /* of the key */
	uint8_t name_size; /* 0: not an entry, only fills the ring up to its end */
	bool was_used;
	/* the name, and from the next multiple of 8 the value */
};

/* A filler has nothing beyond these. */
_Static_assert(sizeof(struct entry) <= 2 * UNIT && sizeof(struct entry) % 8 == 0, "entry header");

static size_t value_at(size_t name_size)
{
	return sizeof(struct entry) + (name_size + 7) / 8 * 8;
}

static struct entry *entry_at(const struct cache *c, uint64_t position)
{
	void *at = c->ring + position % c->size;
	return at;
}

int cache_new(size_t size, uint32_t stale_s, uint64_t seed, struct cache **ret)
{
	if (size < CACHE_SIZE_MIN)
		return ERR_INVALID;
	cleanup(cache) struct cache *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->size = size / UNIT * UNIT;
	c->seed = seed;
	c->stale_s = stale_s;
	size_t sets = 1;
	while (sets * SET_SLOTS * SLOT_BYTES < size)
		sets *= 2;
	c->set_mask = sets - 1;
	c->ring = malloc(c->size);
	c->sets = aligned_alloc(sizeof(c->sets[0]), sets * sizeof(c->sets[0]));
	if (!c->ring || !c->sets)
		return -ENOMEM;
	c->head = c->size; /* position 0 would make a slot of tag 0 look empty */
	cache_clear(c);
	*ret = take_ptr(c);
	return OK;
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	free(c->ring);
	free(c->sets);
	free(c);
}

void cache_clear(struct cache *c)
{
	memset(c->sets, 0, (c->set_mask + 1) * sizeof(c->sets[0]));
	c->tail = c->head;
	c->entries = 0;
}

struct cache_usage cache_usage(const struct cache *c)
{
	return (struct cache_usage){c->entries, c->head - c->tail, c->size};
}

const struct cache_counts *cache_counts(const struct cache *c)
{
	return &c->counts;
}

static uint64_t key_hash(const struct cache *c, const struct cache_key *key)
{
	return hash_view(dname_view(key->name), c->seed + key->type);
}

static uint16_t tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> (64 - TAG_BITS));
}

static uint64_t slot_of(uint16_t tag, uint64_t position)
{
	return position / UNIT << TAG_BITS | tag;
}

static void slot_free(struct cache *c, uint64_t *slot)
{
	*slot = 0;
	c->entries--;
}

static bool entry_is(const struct entry *e, uint64_t hash, const struct cache_key *key)
{
	return e->hash_low == (uint32_t)hash && e->type == key->type &&
	       e->name_size == key->name->size &&
	       memcmp(e + 1, key->name->bytes, key->name->size) == 0;
}

/* Returns the slot of the key's entry, or NULL. */
static uint64_t *slot_find(const struct cache *c, uint64_t hash, const struct cache_key *key)
{
	uint64_t *set = c->sets[hash & c->set_mask];
	for (unsigned i = 0; i < SET_SLOTS; i++) {
		uint64_t position = (set[i] >> TAG_BITS) * UNIT;
		if ((uint16_t)set[i] == tag_of(hash) && position >= c->tail &&
		    entry_is(entry_at(c, position), hash, key))
			return &set[i];
	}
	return NULL;
}

void cache_expect_set(const struct cache *c, const struct cache_key *key)
{
	__builtin_prefetch(c->sets[key_hash(c, key) & c->set_mask]);
}

void cache_expect_entry(const struct cache *c, const struct cache_key *key)
{
	uint64_t hash = key_hash(c, key);
	const uint64_t *set = c->sets[hash & c->set_mask];
	for (unsigned i = 0; i < SET_SLOTS; i++) {
		uint64_t position = (set[i] >> TAG_BITS) * UNIT;
		if ((uint16_t)set[i] != tag_of(hash) || position < c->tail)
			continue;
		const uint8_t *entry = (const uint8_t *)entry_at(c, position);
		for (unsigned line = 0; line < EXPECTED_LINES; line++)
			__builtin_prefetch(entry + line * LINE);
	}
}

static bool is_over(const struct cache *c, const struct entry *e, uint32_t now_s)
{
	return now_s >= e->expires_s && now_s - e->expires_s >= c->stale_s;
}

static struct cache_found found_of(const struct entry *e, uint32_t now_s)
{
	return (struct cache_found){.age_s = now_s - e->added_s,
	                            .left_s = now_s < e->expires_s ? e->expires_s - now_s : 0};
}

void *cache_find(struct cache *c, const struct cache_key *key, uint32_t now_s,
                 struct cache_found *ret)
{
	uint64_t *slot = slot_find(c, key_hash(c, key), key);
	if (!slot)
		return NULL;
	struct entry *e = entry_at(c, (*slot >> TAG_BITS) * UNIT);
	if (is_over(c, e, now_s)) {
		c->counts.expired++;
		slot_free(c, slot);
		return NULL;
	}
	e->was_used = true;
	e->hits += e->hits < UINT16_MAX;
	*ret = found_of(e, now_s);
	return (uint8_t *)e + value_at(e->name_size);
}

/* The slot of a set to give up: one that is free or that the ring ran over, else the oldest whose entry
 * was not used since it came, else the oldest. */
static uint64_t *slot_choose(const struct cache *c, uint64_t *set)
{
	uint64_t *oldest = &set[0], *idle = NULL;
	for (unsigned i = 0; i < SET_SLOTS; i++) {
		if (set[i] >> TAG_BITS < *oldest >> TAG_BITS)
			oldest = &set[i];
	}
	if ((*oldest >> TAG_BITS) * UNIT < c->tail)
		return oldest;
	for (unsigned i = 0; i < SET_SLOTS; i++) {
		if (!entry_at(c, (set[i] >> TAG_BITS) * UNIT)->was_used &&
		    (!idle || set[i] >> TAG_BITS < *idle >> TAG_BITS))
			idle = &set[i];
	}
	return idle ? idle : oldest;
}

static void slot_put(struct cache *c, uint64_t hash, uint64_t position)
{
	uint64_t *slot = slot_choose(c, c->sets[hash & c->set_mask]);
	bool is_taken = (*slot >> TAG_BITS) * UNIT >= c->tail;
	c->counts.evicted += is_taken;
	c->entries += !is_taken;
	*slot = slot_of(tag_of(hash), position);
}

static uint64_t *slot_at(const struct cache *c, const struct entry *e, uint64_t position)
{
	uint64_t *set = c->sets[e->hash_low & c->set_mask];
	for (unsigned i = 0; i < SET_SLOTS; i++) {
		if (set[i] == slot_of(e->tag, position))
			return &set[i];
	}
	return NULL;
}

/* Bytes that an entry of `size` takes at the head: an entry does not run over the ring's end. */
static uint64_t room_needed(const struct cache *c, size_t size)
{
	uint64_t to_end = c->size - c->head % c->size;
	return size <= to_end ? size : to_end + size;
}

/* Returns where `size` bytes go, and moves the head past them. There is room. */
static uint64_t head_take(struct cache *c, size_t size)
{
	uint64_t to_end = c->size - c->head % c->size;
	if (size > to_end) {
		/* `to_end` is a multiple of UNIT, which may be less than a header: only the two fields
		 * that a walk reads are written */
		struct entry *filler = entry_at(c, c->head);
		filler->size = (uint32_t)to_end;
		if (to_end >= sizeof(*filler))
			filler->name_size = 0;
		c->head += to_end;
	}
	uint64_t position = c->head;
	c->head += size;
	return position;
}

/* Copies a used entry from the tail to the head, if the ring has room for it as well. */
static bool carry(struct cache *c, uint64_t from, struct entry *e, uint64_t *slot)
{
	uint64_t size = e->size;
	uint64_t free_bytes = c->size - (c->head - c->tail);
	if (room_needed(c, size) > free_bytes)
		return false;
	uint64_t to = head_take(c, size);
	struct entry *copy = entry_at(c, to);
	memmove(copy, e, size);
	copy->was_used = false;
	*slot = slot_of(copy->tag, to);
	c->counts.carried += from != to;
	return true;
}

static bool is_filler(const struct cache *c, const struct entry *e, uint64_t position)
{
	uint64_t to_end = c->size - position % c->size;
	return to_end < sizeof(*e) || e->name_size == 0;
}

/* Moves the tail past one entry. What was used since it came goes to the head instead of away. */
static void tail_drop(struct cache *c, uint32_t now_s, unsigned *carried)
{
	uint64_t position = c->tail;
	struct entry *e = entry_at(c, position);
	bool filler = is_filler(c, e, position);
	uint64_t *slot = filler ? NULL : slot_at(c, e, position);
	c->tail += e->size;
	if (!slot)
		return;
	if (e->was_used && now_s < e->expires_s && *carried < CARRIED_MAX) {
		(*carried)++;
		if (carry(c, position, e, slot))
			return;
	}
	slot_free(c, slot);
	c->counts.evicted++;
}

int cache_add(struct cache *c, const struct cache_key *key, const void *value, size_t size,
              uint32_t ttl_s, uint32_t now_s)
{
	size_t total = value_at(key->name->size) + size;
	if (size > c->size || total > c->size / 4)
		return ERR_LIMIT;
	uint64_t hash = key_hash(c, key);
	uint64_t *old = slot_find(c, hash, key);
	if (old) {
		slot_free(c, old);
		c->counts.replaced++;
	}
	if (ttl_s == 0)
		return OK;
	total = (total + UNIT - 1) / UNIT * UNIT;
	for (unsigned carried = 0; c->size - (c->head - c->tail) < room_needed(c, total);)
		tail_drop(c, now_s, &carried);
	uint64_t position = head_take(c, total);
	struct entry *e = entry_at(c, position);
	*e = (struct entry){.hash_low = (uint32_t)hash,
	                    .tag = tag_of(hash),
	                    .size = (uint32_t)total,
	                    .added_s = now_s,
	                    .expires_s = now_s + ttl_s < now_s ? UINT32_MAX : now_s + ttl_s,
	                    .type = key->type,
	                    .name_size = key->name->size};
	memcpy(e + 1, key->name->bytes, key->name->size);
	memcpy((uint8_t *)e + value_at(key->name->size), value, size);
	slot_put(c, hash, position);
	c->counts.added++;
	return OK;
}

bool cache_remove(struct cache *c, const struct cache_key *key)
{
	uint64_t *slot = slot_find(c, key_hash(c, key), key);
	if (!slot)
		return false;
	slot_free(c, slot);
	return true;
}

static enum cache_step show_entry(const struct entry *e, uint32_t now_s, cache_entry_fn *show,
                                  void *context)
{
	struct cache_entry entry = {
		.name = view_of(e + 1, e->name_size),
		.type = e->type,
		.hits = e->hits,
		.size = e->size,
		.found = found_of(e, now_s),
		.value = (const uint8_t *)e + value_at(e->name_size),
	};
	return show(context, &entry);
}

uint64_t cache_walk(struct cache *c, uint64_t from, unsigned steps_max, uint32_t now_s,
                    cache_entry_fn *show, void *context)
{
	/* entries stay where they are until the tail passes them */
	uint64_t position = from < c->tail ? c->tail : from;
	for (; position < c->head && steps_max > 0; steps_max--) {
		const struct entry *e = entry_at(c, position);
		uint64_t *slot = is_filler(c, e, position) ? NULL : slot_at(c, e, position);
		position += e->size;
		if (!slot || is_over(c, e, now_s))
			continue;
		enum cache_step step = show_entry(e, now_s, show, context);
		if (step == CACHE_REMOVE)
			slot_free(c, slot);
		if (step == CACHE_STOP)
			break;
	}
	return position < c->head ? position : 0;
}
