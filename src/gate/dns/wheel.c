#include "gate/dns/wheel.h"

#include <errno.h>
#include <string.h>

struct row {
	int64_t at_tick;
	uint32_t before, after; /* in its slot, a ring through the slot's head */
};

/* Rows come first; behind them a head for each slot. A row that is on no ring points to itself. */
struct wheel {
	uint32_t rows;
	int64_t tick; /* all before it are done */
	struct row links[];
};

static uint32_t head_of(const struct wheel *w, int64_t tick)
{
	return w->rows + (uint32_t)(tick % WHEEL_SLOTS);
}

int wheel_new(uint32_t rows, int64_t now_us, struct wheel **ret)
{
	uint32_t all = rows + WHEEL_SLOTS;
	struct wheel *w = malloc(sizeof(*w) + all * sizeof(w->links[0]));
	if (!w)
		return -ENOMEM;
	w->rows = rows;
	w->tick = now_us / WHEEL_TICK_US;
	for (uint32_t i = 0; i < all; i++)
		w->links[i] = (struct row){.before = i, .after = i};
	*ret = w;
	return OK;
}

void wheel_free(struct wheel *w)
{
	free(w);
}

void wheel_clear(struct wheel *w, uint32_t row)
{
	struct row *r = &w->links[row];
	w->links[r->before].after = r->after;
	w->links[r->after].before = r->before;
	r->before = r->after = row;
}

void wheel_set(struct wheel *w, uint32_t row, int64_t at_us)
{
	wheel_clear(w, row);
	struct row *r = &w->links[row];
	/* the first tick that begins after it, so that none comes early */
	r->at_tick = at_us / WHEEL_TICK_US + 1;
	if (r->at_tick <= w->tick)
		r->at_tick = w->tick;
	uint32_t head = head_of(w, r->at_tick);
	r->before = w->links[head].before;
	r->after = head;
	w->links[r->before].after = row;
	w->links[head].before = row;
}

/* A slot also holds rows of later turns of the wheel. */
static uint32_t due_in(struct wheel *w, int64_t tick)
{
	uint32_t head = head_of(w, tick);
	for (uint32_t i = w->links[head].after; i != head; i = w->links[i].after) {
		if (w->links[i].at_tick <= tick)
			return i;
	}
	return WHEEL_NONE;
}

uint32_t wheel_expired(struct wheel *w, int64_t now_us)
{
	int64_t now = now_us / WHEEL_TICK_US;
	if (now - w->tick > WHEEL_SLOTS)
		w->tick = now - WHEEL_SLOTS; /* every slot is looked at, once */
	for (; w->tick <= now; w->tick++) {
		uint32_t row = due_in(w, w->tick);
		if (row != WHEEL_NONE) {
			wheel_clear(w, row);
			return row;
		}
	}
	w->tick = now;
	return WHEEL_NONE;
}
