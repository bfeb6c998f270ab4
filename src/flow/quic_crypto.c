#include "flow/quic_crypto.h"

#include <assert.h>

void quic_crypto_init(struct quic_crypto *c, void *room, size_t room_size)
{
	assert((uintptr_t)room % _Alignof(struct quic_piece) == 0);
	if (room_size > QUIC_CRYPTO_ROOM_MAX)
		room_size = QUIC_CRYPTO_ROOM_MAX;
	room_size -= room_size % _Alignof(struct quic_piece);
	*c = (struct quic_crypto){.room = room, .room_size = (uint16_t)room_size};
}

/* The rows, by stream and offset. */
static struct quic_piece *rows_of(const struct quic_crypto *c)
{
	return (struct quic_piece *)(void *)(c->room + c->room_size) - c->count;
}

static size_t room_left(const struct quic_crypto *c)
{
	return c->room_size - c->used - c->count * sizeof(struct quic_piece);
}

static uint32_t end_of(const struct quic_piece *p)
{
	return (uint32_t)p->offset + p->size;
}

static bool is_before(const struct quic_piece *a, const struct quic_piece *b)
{
	return a->stream != b->stream ? a->stream < b->stream : a->offset < b->offset;
}

/* Whether where both are they have the same bytes. */
static bool agrees(const struct quic_crypto *c, const struct quic_piece *p, uint32_t offset,
                   struct view bytes)
{
	uint32_t from = p->offset > offset ? p->offset : offset;
	uint32_t end = offset + (uint32_t)bytes.size;
	uint32_t to = end_of(p) < end ? end_of(p) : end;
	return from >= to || memcmp(c->room + p->at + (from - p->offset),
	                            bytes.bytes + (from - offset), to - from) == 0;
}

static void add_row(struct quic_crypto *c, struct quic_piece piece)
{
	c->count++;
	struct quic_piece *rows = rows_of(c);
	unsigned at = 0;
	for (; at + 1U < c->count && !is_before(&piece, &rows[at + 1]); at++)
		rows[at] = rows[at + 1];
	rows[at] = piece;
}

static unsigned count_of(const struct quic_crypto *c, uint8_t stream)
{
	const struct quic_piece *rows = rows_of(c);
	unsigned count = 0;
	for (unsigned i = 0; i < c->count; i++)
		count += rows[i].stream == stream;
	return count;
}

static bool are_all_agreed(const struct quic_crypto *c)
{
	const struct quic_piece *rows = rows_of(c);
	for (unsigned i = 0; i < c->count; i++) {
		struct view bytes = view_of(c->room + rows[i].at, rows[i].size);
		for (unsigned k = i + 1; k < c->count && rows[k].stream == rows[i].stream &&
		                         rows[k].offset < end_of(&rows[i]);
		     k++)
			if (!agrees(c, &rows[k], rows[i].offset, bytes))
				return false;
	}
	return true;
}

/* Joins what touches, all streams, into the scratch and back. Rows are read ahead of where they are
 * written. */
static bool join(struct quic_crypto *c, uint8_t *scratch)
{
	if (!are_all_agreed(c))
		return false;
	struct quic_piece *rows = rows_of(c), joined[2 * READING_PIECES_MAX];
	unsigned count = 0;
	uint16_t used = 0;
	for (unsigned i = 0; i < c->count; i++) {
		struct quic_piece *last = count ? &joined[count - 1] : NULL;
		bool touches =
			last && last->stream == rows[i].stream && end_of(last) >= rows[i].offset;
		if (touches && end_of(last) >= end_of(&rows[i]))
			continue;
		if (!touches && count == sizeof(joined) / sizeof(*joined))
			return false;
		uint16_t skip = touches ? (uint16_t)(end_of(last) - rows[i].offset) : 0;
		uint16_t size = rows[i].size - skip;
		if (touches)
			last->size += size;
		else
			joined[count++] =
				(struct quic_piece){rows[i].offset, size, used, rows[i].stream};
		memcpy(scratch + used, c->room + rows[i].at + skip, size);
		used += size;
	}
	c->count = (uint16_t)count;
	c->used = used;
	c->is_joined = true;
	memcpy(c->room, scratch, used);
	memcpy(rows_of(c), joined, count * sizeof(*joined));
	return true;
}

/* What is to be done about bytes, by what is there. */
struct known {
	bool is_same, is_disputed;
	const struct quic_piece *covering; /* has all of the bytes */
};

static struct known look(const struct quic_crypto *c, uint8_t stream, uint32_t offset,
                         struct view bytes)
{
	const struct quic_piece *rows = rows_of(c);
	struct known k = {0};
	for (unsigned i = 0; i < c->count; i++) {
		const struct quic_piece *p = &rows[i];
		if (p->stream != stream)
			continue;
		if (!agrees(c, p, offset, bytes)) {
			k.is_disputed = true;
			continue;
		}
		if (p->offset > offset || end_of(p) < offset + bytes.size)
			continue;
		k.covering = p;
		k.is_same |= p->offset == offset && p->size == bytes.size;
	}
	return k;
}

static bool fits(const struct quic_crypto *c, uint8_t stream, size_t bytes)
{
	return room_left(c) >= sizeof(struct quic_piece) + bytes &&
	       count_of(c, stream) < READING_PIECES_MAX;
}

static int add_piece(struct quic_crypto *c, uint8_t *scratch, struct quic_piece piece,
                     struct view bytes, const struct known *k)
{
	size_t needed = k->covering ? 0 : bytes.size;
	if (!fits(c, piece.stream, needed)) {
		if (k->is_disputed || !join(c, scratch))
			return ERR_LIMIT;
		if (k->covering)
			return OK; /* its borders are forgotten, like all */
		if (!fits(c, piece.stream, needed))
			return ERR_LIMIT;
	}
	piece.at = c->used;
	if (k->covering)
		piece.at = (uint16_t)(k->covering->at + (piece.offset - k->covering->offset));
	memcpy(c->room + c->used, bytes.bytes, needed);
	c->used += (uint16_t)needed;
	add_row(c, piece);
	return OK;
}

int quic_crypto_add(struct quic_crypto *c, uint8_t *scratch, uint8_t stream, uint64_t offset,
                    struct view bytes, bool *ret_new)
{
	if (offset > QUIC_CRYPTO_STREAM_MAX || bytes.size > QUIC_CRYPTO_STREAM_MAX - offset)
		return ERR_LIMIT;
	if (!bytes.size)
		return OK;
	struct known k = look(c, stream, (uint32_t)offset, bytes);
	if (c->is_joined && k.is_disputed)
		return ERR_LIMIT;
	if (k.is_same || (k.covering && c->is_joined))
		return OK;
	struct quic_piece piece = {
		.offset = (uint16_t)offset, .size = (uint16_t)bytes.size, .stream = stream};
	int code = add_piece(c, scratch, piece, bytes, &k);
	if (code == OK)
		*ret_new = true;
	return code;
}

void quic_crypto_drop(struct quic_crypto *c, uint8_t stream)
{
	struct quic_piece *rows = rows_of(c);
	unsigned to = c->count;
	for (unsigned i = c->count; i > 0; i--)
		if (rows[i - 1].stream != stream)
			rows[--to] = rows[i - 1];
	c->count -= (uint16_t)to;
}

unsigned quic_crypto_pieces(const struct quic_crypto *c, uint8_t stream,
                            struct reading_piece ret[READING_PIECES_MAX])
{
	const struct quic_piece *rows = rows_of(c);
	unsigned count = 0;
	for (unsigned i = 0; i < c->count; i++)
		if (rows[i].stream == stream)
			ret[count++] = (struct reading_piece){
				rows[i].offset, view_of(c->room + rows[i].at, rows[i].size)};
	return count;
}
