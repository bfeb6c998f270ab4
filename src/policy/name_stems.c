#include "policy/name_stems.h"

#include <errno.h>

enum { BITS_PER_NAME = 20, WORDS_MIN = 512, PENDING = 32 };

#define WORDS_MAX (UINT32_MAX - UINT32_MAX % NAME_STEM_LINE)

#define LOWER UINT64_C(0x2020202020202020)

_Static_assert((int)NAME_END_SIZE <= (int)NAME_INDEX_BEFORE, "what is read before a name is there");

/* The block: this, `shorts`, and the words. */
struct head {
	uint32_t word_count, with;
	uint64_t reserved[7];
};

/* What changes the length byte that is so many bytes before the end of eight into a dot. */
static uint64_t dot_for(uint8_t length, size_t before)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	size_t shift = (8 - before) * 8;
#else
	size_t shift = (before - 1) * 8;
#endif
	return (uint64_t)(length ^ '.') << shift;
}

void name_end_of(struct view wire, struct name_end *ret)
{
	const uint8_t *bytes = wire.bytes;
	size_t size = wire.size, last = 0, second = 0, third = 0;
	uint64_t text[2];
	*ret = (struct name_end){0};
	if (size == 0)
		return;
	memcpy(text, bytes + size - NAME_END_SIZE, NAME_END_SIZE);
	uint64_t before = text[0], end = text[1];
	for (size_t at = bytes[0] + 1u; at < size; at += bytes[at] + 1u) {
		third = second;
		second = last;
		last = at;
		ret->labels++;
		if (size - at <= 8)
			end ^= dot_for(bytes[at], size - at);
		else if (size - at <= NAME_END_SIZE)
			before ^= dot_for(bytes[at], size - at - 8);
	}
	ret->labels++;
	ret->bytes[0] = before | LOWER;
	ret->bytes[1] = end | LOWER;
	ret->size = size - 1;
	ret->first = last + 1 < size ? bytes[last + 1] | 0x20 : 0;
	ret->last = ret->size - last;
	ret->two = ret->size - second;
	ret->three = ret->size - third;
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

/* A block that is being made, and the hashes of stems whose words are on their way from memory. */
struct writing {
	struct name_stems set;
	uint64_t *words, *shorts;
	uint64_t hashes[PENDING];
	size_t count;
};

static void put_all(struct writing *w)
{
	for (size_t i = 0; i < w->count; i++) {
		uint64_t hash = w->hashes[i];
		struct name_stem_more more = name_stem_more(&w->set, hash);
		w->words[name_stem_word(&w->set, hash)] |= name_stem_bits(hash);
		w->words[more.word] |= more.bits;
	}
	w->count = 0;
}

static void put_short(struct writing *w, const struct name_end *e)
{
	uint64_t at = name_stem_short(&w->set, e->bytes[1], e->two);
	w->shorts[at / 64] |= UINT64_C(1) << (at % 64);
}

static void add(struct writing *w, struct view wire)
{
	struct name_end e;
	name_end_of(wire, &e);
	uint64_t hash = name_stem_hash(&w->set, e.bytes, stem_size(&e));
	__builtin_prefetch(w->words + name_stem_word(&w->set, hash), 1);
	w->set.with |= name_end_with(&e);
	if (e.labels == 2 && e.two <= NAME_STEM_SHORT_MAX)
		put_short(w, &e);
	w->hashes[w->count++] = hash;
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
	count -= count % NAME_STEM_LINE;
	struct writing w = {.set.word_count = count > WORDS_MAX ? WORDS_MAX : (uint32_t)count};
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
		if (!head.word_count || head.word_count % NAME_STEM_LINE ||
		    block.size != sizeof(head) + words * sizeof(uint64_t))
			return ERR_MALFORMED;
		s.shorts = (const void *)(block.bytes + sizeof(head));
		s.words = s.shorts + NAME_STEMS_SHORTS;
		s.word_count = head.word_count;
		for (size_t i = 0; i < NAME_STEMS_SHORTS; i++)
			s.short_words[i / 8] |= (uint8_t)((s.shorts[i] != 0) << (i % 8));
		s.with = head.with;
	}
	*ret = s;
	return OK;
}
