#include "flow/tcp_hold.h"

/* What the held pieces have of some places. */
struct overlap {
	size_t places; /* with bytes, counted once */
	bool is_other; /* some piece has other bytes */
	bool is_same;  /* one piece has all of it, with the same bytes and the same beginning */
};

static void compare_piece(struct overlap *o, const struct held_piece *piece, const uint8_t *held,
                          uint32_t sequence, struct view bytes, uint8_t *seen)
{
	int64_t shift = (int32_t)(piece->sequence - sequence);
	size_t from = shift > 0 ? (size_t)shift : 0;
	int64_t end = shift + piece->size;
	size_t to = end > (int64_t)bytes.size ? bytes.size : end > 0 ? (size_t)end : 0;
	if (from >= to)
		return;
	bool is_equal = memcmp(bytes.bytes + from, held + (from - shift), to - from) == 0;
	o->is_other |= !is_equal;
	o->is_same |= is_equal && shift == 0 && to == bytes.size;
	for (size_t i = from; i < to; i++) {
		o->places += !seen[i];
		seen[i] = 1;
	}
}

enum hold_news tcp_hold_compare(struct turn *turn, uint32_t sequence, struct view bytes)
{
	struct flow_table *t = turn->t;
	struct flow *f = turn->flow;
	struct overlap o = {0};
	struct held_piece piece;
	uint32_t cursor = 0;
	if (f->from_client.count == 0)
		return HOLD_NEW;
	if (bytes.size > t->room_size)
		bytes.size = t->room_size;
	memset(t->message_room, 0, bytes.size);
	while (held_next(&f->from_client, &t->table.pool, &cursor, &piece)) {
		held_copy(&t->table.pool, cursor, t->pieces_room);
		compare_piece(&o, &piece, t->pieces_room, sequence, bytes, t->message_room);
	}
	if (o.is_other && f->is_joined)
		return HOLD_CONFLICT;
	if (o.is_same || (f->is_joined && o.places == bytes.size))
		return HOLD_SAME;
	return o.places == bytes.size ? HOLD_AGAIN : HOLD_NEW;
}

/* Lays all pieces where they belong; false: two of them contradict each other. */
static bool lay_out(struct turn *turn, uint8_t *image, uint8_t *seen)
{
	struct flow_table *t = turn->t;
	struct flow *f = turn->flow;
	struct held_piece piece;
	uint32_t cursor = 0;
	memset(seen, 0, t->limits.hello_size);
	while (held_next(&f->from_client, &t->table.pool, &cursor, &piece)) {
		held_copy(&t->table.pool, cursor, t->pieces_room);
		for (uint32_t i = 0; i < piece.size; i++) {
			uint32_t place = piece.sequence + i - f->base;
			if (place >= t->limits.hello_size) /* before the base */
				continue;
			if (seen[place] && image[place] != t->pieces_room[i])
				return false;
			seen[place] = 1;
			image[place] = t->pieces_room[i];
		}
	}
	return true;
}

static void join(struct turn *turn)
{
	struct flow_table *t = turn->t;
	struct flow *f = turn->flow;
	uint8_t *image = t->reading_room, *seen = t->message_room;
	if (f->absent_count || !lay_out(turn, image, seen))
		return;
	held_clear(&f->from_client, &t->table.pool);
	f->is_joined = true;
	for (uint32_t at = 0, end; at < t->limits.hello_size; at = end + 1) {
		for (end = at; end < t->limits.hello_size && seen[end];)
			end++;
		/* it takes less room than it did */
		(void)!held_add(&f->from_client, &t->table.pool, f->base + at,
		                view_of(image + at, end - at));
	}
}

bool tcp_hold_add(struct turn *turn, uint32_t sequence, struct view bytes)
{
	struct flow *f = turn->flow;
	size_t room = turn->t->limits.hello_size - (sequence - f->base);
	if (bytes.size > room)
		bytes.size = room;
	while (held_add(&f->from_client, &turn->t->table.pool, sequence, bytes) != OK)
		if (!slots_give_way(&turn->t->table, f))
			return false;
	if (f->from_client.count >= HOLD_PIECES)
		join(turn);
	return true;
}
