#include "flow/learned.h"

#include <string.h>

#include "base/hash.h"

enum { MAGIC = 0x6c65726e, GENERATIONS = 3, NAME_ROOM = 256 };

/* What a row says. It is copied in and out by words, each whole. */
struct content {
	uint8_t client_size, address_size, name_size, zero[5];
	uint8_t client[16], address[16];
	int64_t until_us, spoiled_until_us;
	uint8_t name[NAME_ROOM];
};
enum { WORDS = sizeof(struct content) / sizeof(uint64_t) };
_Static_assert(sizeof(struct content) == WORDS * sizeof(uint64_t), "whole words");

struct row {
	_Atomic uint32_t turn; /* odd while somebody writes */
	_Atomic uint32_t tag;  /* part of the hash; 0: never used */
	_Atomic uint64_t words[WORDS];
};

struct learned_shared {
	uint32_t magic, rows;
	uint64_t seed;
	/* of rows by the hour in which they were put: no row lasts longer than LEARNED_TIME_MAX_US */
	_Atomic uint16_t bits[GENERATIONS];
	_Alignas(64) struct row table[];
};

size_t learned_size(uint32_t rows)
{
	if (rows < LEARNED_WAYS || rows > LEARNED_ROWS_MAX || (rows & (rows - 1)))
		return 0;
	return sizeof(struct learned_shared) + (size_t)rows * sizeof(struct row);
}

void learned_format(void *memory, uint32_t rows, uint64_t seed)
{
	struct learned_shared *s = memory;
	memset(memory, 0, learned_size(rows));
	s->magic = MAGIC;
	s->rows = rows;
	s->seed = seed;
}

int learned_open(void *memory, size_t size, struct learned *ret)
{
	struct learned_shared *s = memory;
	if (size < sizeof(*s) || s->magic != MAGIC)
		return ERR_INVALID;
	/* copied: the other side may change what is in the memory later */
	struct learned t = {.shared = s, .rows = s->rows, .seed = s->seed};
	size_t needed = learned_size(t.rows);
	if (needed == 0 || needed > size)
		return ERR_INVALID;
	*ret = t;
	return OK;
}

static struct content key_of(const struct address *client, const struct address *address)
{
	struct content c = {.client_size = client->size, .address_size = address->size};
	memcpy(c.client, client->bytes, client->size);
	memcpy(c.address, address->bytes, address->size);
	return c;
}

static bool key_equal(const struct content *a, const struct content *b)
{
	return a->client_size == b->client_size && a->address_size == b->address_size &&
	       memcmp(a->client, b->client, sizeof(a->client)) == 0 &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* The set of the key, and the tag of its row. */
static struct row *set_of(const struct learned *t, const struct content *key, uint32_t *ret_tag)
{
	uint8_t bytes[34] = {key->client_size, key->address_size};
	memcpy(bytes + 2, key->client, sizeof(key->client));
	memcpy(bytes + 18, key->address, sizeof(key->address));
	uint64_t hash = hash_bytes(bytes, sizeof(bytes), t->seed);
	*ret_tag = (uint32_t)(hash >> 32) | 1;
	return &t->shared->table[hash & (t->rows - 1) & ~(uint64_t)(LEARNED_WAYS - 1)];
}

static void load(struct row *r, struct content *ret)
{
	uint64_t words[WORDS];
	for (unsigned i = 0; i < WORDS; i++)
		words[i] = atomic_load_explicit(&r->words[i], memory_order_relaxed);
	memcpy(ret, words, sizeof(words));
}

static void store(struct row *r, const struct content *c)
{
	uint64_t words[WORDS];
	memcpy(words, c, sizeof(words));
	for (unsigned i = 0; i < WORDS; i++)
		atomic_store_explicit(&r->words[i], words[i], memory_order_relaxed);
}

/* False while somebody writes, or when somebody did meanwhile. */
static bool read_whole(struct row *r, struct content *ret)
{
	uint32_t before = atomic_load_explicit(&r->turn, memory_order_acquire);
	if (before & 1)
		return false;
	load(r, ret);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&r->turn, memory_order_relaxed) == before;
}

static bool lock(struct row *r)
{
	uint32_t turn = atomic_load_explicit(&r->turn, memory_order_relaxed);
	if (turn & 1 ||
	    !atomic_compare_exchange_strong_explicit(&r->turn, &turn, turn + 1,
	                                             memory_order_acquire, memory_order_relaxed))
		return false;
	atomic_thread_fence(memory_order_release); /* odd is seen before any word is */
	return true;
}

static void unlock(struct row *r)
{
	uint32_t turn = atomic_load_explicit(&r->turn, memory_order_relaxed);
	atomic_store_explicit(&r->turn, turn + 1, memory_order_release);
}

static bool has_tag(struct row *r, uint32_t tag)
{
	return atomic_load_explicit(&r->tag, memory_order_relaxed) == tag;
}

/* The row of that key, else the one that ends first. */
static struct row *choose(struct row *set, uint32_t tag, const struct content *key)
{
	struct row *first = &set[0];
	int64_t first_until = INT64_MAX;
	for (unsigned i = 0; i < LEARNED_WAYS; i++) {
		struct content c = {0};
		bool is_whole = read_whole(&set[i], &c);
		if (is_whole && has_tag(&set[i], tag) && key_equal(&c, key))
			return &set[i];
		if (is_whole && c.until_us < first_until) {
			first = &set[i];
			first_until = c.until_us;
		}
	}
	return first;
}

static unsigned generation(int64_t now_us)
{
	return now_us < 0 ? 0 : (unsigned)(now_us / LEARNED_TIME_MAX_US % GENERATIONS);
}

uint16_t learned_bits(const struct address *address)
{
	return (uint16_t)(1U << (hash_bytes(address->bytes, address->size, 0) & 15));
}

uint16_t learned_all_bits(const struct learned *t, int64_t now_us)
{
	unsigned now = generation(now_us), before = (now + GENERATIONS - 1) % GENERATIONS;
	return atomic_load_explicit(&t->shared->bits[now], memory_order_acquire) |
	       atomic_load_explicit(&t->shared->bits[before], memory_order_acquire);
}

/* The next hour's bits are those of the hour before the last, of which no row is left. */
static void add_bits(const struct learned *t, const struct address *address, int64_t now_us)
{
	unsigned now = generation(now_us), next = (now + 1) % GENERATIONS;
	_Atomic uint16_t *bits = t->shared->bits;
	uint16_t more = learned_bits(address);
	if (atomic_load_explicit(&bits[next], memory_order_relaxed))
		atomic_store_explicit(&bits[next], 0, memory_order_relaxed);
	if (~atomic_load_explicit(&bits[now], memory_order_relaxed) & more)
		atomic_fetch_or_explicit(&bits[now], more, memory_order_release);
}

bool learned_put(const struct learned *t, const struct address *client,
                 const struct address *address, const struct dname *name, int64_t now_us,
                 int64_t until_us)
{
	struct content key = key_of(client, address), c = {0};
	uint32_t tag;
	struct row *set = set_of(t, &key, &tag);
	struct row *r = choose(set, tag, &key);
	if (!lock(r))
		return false;
	load(r, &c);
	int64_t spoiled_until_us = has_tag(r, tag) && key_equal(&c, &key) ? c.spoiled_until_us : 0;
	key.spoiled_until_us = spoiled_until_us;
	key.until_us =
		until_us - now_us > LEARNED_TIME_MAX_US ? now_us + LEARNED_TIME_MAX_US : until_us;
	key.name_size = name->size;
	memcpy(key.name, name->bytes, name->size);
	store(r, &key);
	atomic_store_explicit(&r->tag, tag, memory_order_relaxed);
	unlock(r);
	add_bits(t, address, now_us);
	return true;
}

/* Whose turn it is to write also writes the tag, so that the key is looked at again under the lock. */
static void spoil_row(struct row *r, const struct content *key, int64_t until_us)
{
	struct content c;
	if (!lock(r))
		return;
	load(r, &c);
	if (key_equal(&c, key) && c.spoiled_until_us < until_us) {
		c.spoiled_until_us = until_us;
		store(r, &c);
	}
	unlock(r);
}

void learned_spoil(const struct learned *t, const struct address *client,
                   const struct address *address, int64_t until_us)
{
	struct content key = key_of(client, address);
	uint32_t tag;
	struct row *set = set_of(t, &key, &tag);
	for (unsigned i = 0; i < LEARNED_WAYS; i++) {
		if (has_tag(&set[i], tag))
			spoil_row(&set[i], &key, until_us);
	}
}

bool learned_find(const struct learned *t, const struct address *client,
                  const struct address *address, int64_t now_us, struct dname *ret)
{
	struct content key = key_of(client, address), c, found = {0};
	uint32_t tag;
	struct row *set = set_of(t, &key, &tag);
	for (unsigned i = 0; i < LEARNED_WAYS; i++) {
		if (!has_tag(&set[i], tag) || !read_whole(&set[i], &c) || !key_equal(&c, &key))
			continue;
		if (now_us < c.spoiled_until_us)
			return false;
		if (now_us < c.until_us)
			found = c;
	}
	/* two that were put at once stand there twice */
	struct dname name;
	if (found.name_size == 0 ||
	    dname_parse_wire(view_of(found.name, found.name_size), &name) < 0)
		return false;
	*ret = name;
	return true;
}

void learned_mend(const struct learned *t)
{
	static const struct content nothing;
	for (uint32_t i = 0; i < t->rows; i++) {
		struct row *r = &t->shared->table[i];
		if (!(atomic_load_explicit(&r->turn, memory_order_relaxed) & 1))
			continue;
		atomic_store_explicit(&r->tag, 0, memory_order_relaxed);
		store(r, &nothing);
		unlock(r);
	}
}
