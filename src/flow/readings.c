#include "flow/readings.h"

enum { BORDERS_MAX = 2 * (READING_PIECES_MAX + READING_ABSENT_MAX) + 1 };

struct walk {
	const struct readings *r;
	reading_visitor *visit;
	void *context;
	uint32_t borders[BORDERS_MAX];
	unsigned border_count;
	uint32_t ends; /* readings visited to their end */
	bool is_again; /* something was visited */
	int code;
};

/* Keeps them ascending, each once. */
static void add_border(struct walk *w, uint32_t place)
{
	unsigned at = w->border_count;
	while (at && w->borders[at - 1] > place)
		at--;
	if (at && w->borders[at - 1] == place)
		return;
	memmove(w->borders + at + 1, w->borders + at, (w->border_count - at) * sizeof(*w->borders));
	w->borders[at] = place;
	w->border_count++;
}

static void add_borders(struct walk *w)
{
	const struct readings *r = w->r;
	add_border(w, 0);
	for (unsigned i = 0; i < r->count; i++) {
		add_border(w, r->pieces[i].offset);
		add_border(w, r->pieces[i].offset + (uint32_t)r->pieces[i].bytes.size);
	}
	for (unsigned i = 0; i < r->absent_count; i++) {
		add_border(w, r->absent[i]);
		add_border(w, r->absent[i] + 1);
	}
}

static bool covers(const struct reading_piece *p, uint32_t from, uint32_t to)
{
	return p->offset <= from && p->offset + p->bytes.size >= to;
}

/* The different contents of one cell, by the first piece that has each. */
struct cell {
	uint8_t pieces[READING_PIECES_MAX];
	unsigned count;
	bool may_be_absent; /* one more: none */
};

static struct view bytes_of(const struct walk *w, unsigned piece, unsigned index)
{
	const struct reading_piece *p = &w->r->pieces[piece];
	uint32_t from = w->borders[index], to = w->borders[index + 1];
	return view_of(p->bytes.bytes + (from - p->offset), to - from);
}

static bool has_variant(const struct walk *w, const struct cell *c, unsigned index,
                        struct view bytes)
{
	for (unsigned i = 0; i < c->count; i++)
		if (view_equal(bytes_of(w, c->pieces[i], index), bytes))
			return true;
	return false;
}

static bool may_be_absent(const struct readings *r, uint32_t from, uint32_t to)
{
	for (unsigned i = 0; to - from == 1 && i < r->absent_count; i++)
		if (r->absent[i] == from)
			return true;
	return false;
}

static void find_variants(const struct walk *w, unsigned index, struct cell *ret)
{
	uint32_t from = w->borders[index], to = w->borders[index + 1];
	ret->count = 0;
	for (unsigned i = 0; i < w->r->count; i++)
		if (covers(&w->r->pieces[i], from, to) &&
		    !has_variant(w, ret, index, bytes_of(w, i, index)))
			ret->pieces[ret->count++] = (uint8_t)i;
	ret->may_be_absent = ret->count && may_be_absent(w->r, from, to);
}

/* The first visit is free: it is all there is where pieces do not contradict each other. */
static bool has_work(struct walk *w, size_t size)
{
	bool is_first = !w->is_again;
	w->is_again = true;
	if (is_first || !w->r->work)
		return true;
	if (size > *w->r->work)
		return false;
	*w->r->work -= size;
	return true;
}

static enum reading_step visit(struct walk *w, size_t size, bool is_end)
{
	if (!has_work(w, size) || (is_end && w->ends++ == w->r->limit)) {
		w->code = ERR_LIMIT;
		return READING_END;
	}
	enum reading_step step = w->visit(w->context, view_of(w->r->room, size), is_end);
	if (step == READING_END)
		w->code = ERR_DENIED;
	return step;
}

static bool append(struct walk *w, size_t *size, struct view bytes)
{
	if (bytes.size > w->r->room_size - *size) {
		w->code = ERR_LIMIT;
		return false;
	}
	if (bytes.size)
		memcpy(w->r->room + *size, bytes.bytes, bytes.size);
	*size += bytes.size;
	return true;
}

/* All readings that begin with the `size` bytes in the room, from cell `index` on. */
static void walk_from(struct walk *w, unsigned index, size_t size)
{
	struct cell cell = {.count = 0};
	for (; index + 1 < w->border_count; index++) {
		find_variants(w, index, &cell);
		if (cell.count != 1 || cell.may_be_absent)
			break;
		if (!append(w, &size, bytes_of(w, cell.pieces[0], index)))
			return;
	}
	bool is_end = index + 1 >= w->border_count || cell.count == 0;
	if (visit(w, size, is_end) != READING_MORE || is_end)
		return;
	for (unsigned i = 0; w->code == OK && i < cell.count; i++) {
		size_t with = size;
		if (append(w, &with, bytes_of(w, cell.pieces[i], index)))
			walk_from(w, index + 1, with);
	}
	if (w->code == OK && cell.may_be_absent)
		walk_from(w, index + 1, size);
}

/* The usual case. */
static const struct reading_piece *only_piece(const struct readings *r)
{
	if (r->count != 1 || r->absent_count || r->pieces[0].offset != 0)
		return NULL;
	return &r->pieces[0];
}

int readings_visit(const struct readings *r, reading_visitor *visitor, void *context)
{
	if (r->count > READING_PIECES_MAX || r->absent_count > READING_ABSENT_MAX)
		return ERR_LIMIT;
	const struct reading_piece *only = only_piece(r);
	if (only)
		return visitor(context, only->bytes, true) == READING_END ? ERR_DENIED : OK;
	struct walk w = {.r = r, .visit = visitor, .context = context, .code = OK};
	add_borders(&w);
	walk_from(&w, 0, 0);
	return w.code;
}
