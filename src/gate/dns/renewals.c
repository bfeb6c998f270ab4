#include "gate/dns/renewals.h"

#include <errno.h>
#include <stdlib.h>

/* `order` is a heap of rows, the next due first, and behind `count` the free rows. */
struct renewals {
	unsigned count;
	uint16_t order[RENEWALS_MAX];
	struct row {
		int64_t at_us;
		struct dns_question question;
	} rows[RENEWALS_MAX];
};

int renewals_new(struct renewals **ret)
{
	struct renewals *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	for (unsigned i = 0; i < RENEWALS_MAX; i++)
		r->order[i] = (uint16_t)i;
	*ret = r;
	return OK;
}

void renewals_free(struct renewals *r)
{
	free(r);
}

static int64_t at(const struct renewals *r, unsigned place)
{
	return r->rows[r->order[place]].at_us;
}

static void swap(struct renewals *r, unsigned a, unsigned b)
{
	uint16_t row = r->order[a];
	r->order[a] = r->order[b];
	r->order[b] = row;
}

bool renewals_add(struct renewals *r, const struct dns_question *question, int64_t at_us)
{
	if (r->count == RENEWALS_MAX)
		return false;
	unsigned place = r->count++;
	r->rows[r->order[place]] = (struct row){at_us, *question};
	for (; place > 0 && at(r, place) < at(r, (place - 1) / 2); place = (place - 1) / 2)
		swap(r, place, (place - 1) / 2);
	return true;
}

int64_t renewals_next_us(const struct renewals *r)
{
	return r->count ? at(r, 0) : RENEWALS_NEVER;
}

/* Which of the place and the two below it is due first. */
static unsigned first_of(const struct renewals *r, unsigned place)
{
	unsigned first = place;
	for (unsigned i = 2 * place + 1; i <= 2 * place + 2 && i < r->count; i++) {
		if (at(r, i) < at(r, first))
			first = i;
	}
	return first;
}

bool renewals_take(struct renewals *r, int64_t now_us, struct dns_question *ret)
{
	if (renewals_next_us(r) > now_us)
		return false;
	*ret = r->rows[r->order[0]].question;
	swap(r, 0, --r->count);
	for (unsigned place = 0, first; (first = first_of(r, place)) != place; place = first)
		swap(r, place, first);
	return true;
}
