#include "policy/name_stems.h"

#include <errno.h>

enum { BITS_PER_NAME = 16, WORDS_MIN = 512, PENDING = 32 };

#define LOWER UINT64_C(0x2020202020202020)

_Static_assert((int)NAME_END_SIZE <= (int)NAME_INDEX_BEFORE, "what is read before a name is there");

/* The block: this, `shorts`, and the words. */
struct head {
	uint32_t word_count, with;
	uint64_t reserved[7];
};

/* A dot in place of the length byte that is so many bytes before the end. */
static void put_dot(uint64_t bytes[2], uint8_t length, size_t before)
{
	if (before > NAME_END_SIZE)
		return;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	size_t shift = (8 - (before - 1) % 8 - 1) * 8;
#else
	size_t shift = (before - 1) % 8 * 8;
#endif
	bytes[before <= 8] ^= (uint64_t)(length ^ '.') << shift;
}

struct name_end name_end_of(struct view wire)
{
	struct name_end e = {0};
	if (wire.size == 0)
		return e;
	e.size = wire.size - 1;
	size_t last = 0, second = 0, third = 0;
	memcpy(e.bytes, wire.bytes + wire.size - NAME_END_SIZE, NAME_END_SIZE);
	for (size_t at = 0; at < wire.size; e.labels++) {
		third = second;
		second = last;
		last = at;
		if (at)
			put_dot(e.bytes, wire.bytes[at], wire.size - at);
		at += wire.bytes[at] + 1u;
	}
	e.bytes[0] |= LOWER;
	e.bytes[1] |= LOWER;
	e.first = last + 1 < wire.size ? wire.bytes[last + 1] | 0x20 : 0;
	e.last = e.size - last;
	e.two = e.size - second;
	e.three = e.size - third;
	return e;
}

unsigned name_end_with(const struct name_end *e)
{
	if (e->labels == 0)
		return NAME_STEMS_ROOT;
	return (e->labels == 1 ? NAME_STEMS_SINGLE : 0) |
	       (e->first < 'a' || e->first > 'z' ? NAME_STEMS_STRANGE : 0);
}

static size_t stem_size(const struct name_end *e)
{
	return e->two <= NAME_STEM_SHORT_MAX ? e->three : e->two;
}

static void set_multipliers(struct name_stems *s, const uint64_t secret[2])
{
	for (unsigned i = 0; i < 2; i++) /* odd */
		s->multiplier[i] = secret[i] * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* A block that is being made, and the ends of names whose words are on their way from memory. */
struct writing {
	struct name_stems set;
	uint64_t *words, *shorts;
	struct name_end ends[PENDING];
	size_t count;
};

static void put(struct writing *w, const struct name_end *e)
{
	uint64_t hash = name_stem_hash(&w->set, e->bytes, stem_size(e));
	w->words[name_stem_word(&w->set, hash)] |= name_stem_bits(hash);
	if (e->labels == 2 && e->two <= NAME_STEM_SHORT_MAX) {
		uint64_t at = name_stem_short(&w->set, e->bytes[1], e->two);
		w->shorts[at / 64] |= UINT64_C(1) << (at % 64);
	}
}

static void put_all(struct writing *w)
{
	for (size_t i = 0; i < w->count; i++)
		put(w, &w->ends[i]);
	w->count = 0;
}

static void add(struct writing *w, struct view wire)
{
	struct name_end *e = &w->ends[w->count++];
	*e = name_end_of(wire);
	w->set.with |= name_end_with(e);
	uint64_t hash = name_stem_hash(&w->set, e->bytes, stem_size(e));
	__builtin_prefetch(w->words + name_stem_word(&w->set, hash), 1);
	if (w->count == PENDING)
		put_all(w);
}

static void add_more(struct writing *w, const struct dname *name)
{
	uint8_t wire[NAME_END_SIZE + DNAME_SIZE_MAX] = {0};
	memcpy(wire + NAME_END_SIZE, name->bytes, name->size);
	add(w, view_of(wire + NAME_END_SIZE, name->size - 1u));
}

int name_stems_write(const struct name_index *names, const struct dname *more, size_t more_count,
                     struct buffer *ret)
{
	uint64_t count = ((uint64_t)names->names + more_count) * BITS_PER_NAME / 64 + WORDS_MIN;
	struct writing w = {.set.word_count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count};
	size_t size = sizeof(struct head) +
	              ((size_t)w.set.word_count + NAME_STEMS_SHORTS) * sizeof(*w.words);
	if (names->names < NAME_STEMS_NAMES_MIN)
		return OK;
	uint8_t *block = buffer_space(ret, size);
	if (!block)
		return -ENOMEM;
	memset(block, 0, size);
	set_multipliers(&w.set, names->secret);
	w.shorts = (void *)(block + sizeof(struct head));
	w.words = w.shorts + NAME_STEMS_SHORTS;
	struct view name;
	for (size_t at = 0; name_index_next(names, &at, &name);)
		add(&w, name);
	for (size_t i = 0; i < more_count; i++)
		add_more(&w, &more[i]);
	put_all(&w);
	struct head head = {.word_count = w.set.word_count, .with = w.set.with};
	memcpy(block, &head, sizeof(head));
	return OK;
}

int name_stems_open(struct view block, const uint64_t secret[2], struct name_stems *ret)
{
	struct head head;
	struct name_stems s = {.words = NULL};
	set_multipliers(&s, secret);
	if (block.size) {
		if (block.size < sizeof(head))
			return ERR_MALFORMED;
		memcpy(&head, block.bytes, sizeof(head));
		uint64_t words = (uint64_t)head.word_count + NAME_STEMS_SHORTS;
		if (!head.word_count || block.size != sizeof(head) + words * sizeof(uint64_t))
			return ERR_MALFORMED;
		s.shorts = (const void *)(block.bytes + sizeof(head));
		s.words = s.shorts + NAME_STEMS_SHORTS;
		s.word_count = head.word_count;
		s.with = head.with;
	}
	*ret = s;
	return OK;
}
