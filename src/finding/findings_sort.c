#include <stdlib.h>

#include "finding/findings_private.h"

static int order_of(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* The first facet of an identifier stands for it: enum facet is in the order in which people meet them. */
static unsigned first_facet(const struct image_identifier *i)
{
	return i->facets ? (unsigned)__builtin_ctz(i->facets) : FACET_COUNT;
}

static int compare_identifiers(const struct policy *p, uint32_t a, uint32_t b)
{
	const struct image_identifier *x = policy_identifier(p, a), *y = policy_identifier(p, b);
	if (a == b)
		return 0;
	int order = order_of(x->product, y->product);
	return order ? order : order_of(first_facet(x), first_facet(y));
}

static int compare_subjects(const struct finding *a, const struct finding *b)
{
	int order = order_of(a->place, b->place);
	if (order == 0)
		order = memcmp(&a->client, &b->client, sizeof(a->client));
	if (order == 0)
		order = view_compare(a->user, b->user);
	if (order == 0)
		order = view_compare(a->where, b->where);
	return order ? order : view_compare(a->item, b->item);
}

static int compare(const void *left, const void *right, void *policy)
{
	const struct finding *a = left, *b = right;
	int order = compare_identifiers(policy, a->identifier, b->identifier);
	if (order == 0)
		order = order_of(b->count, a->count);
	if (order == 0)
		order = order_of(a->identifier, b->identifier);
	return order ? order : compare_subjects(a, b);
}

void findings_sort(struct findings *f)
{
	if (f->count == 0)
		return;
	qsort_r(f->rows, f->count, sizeof(*f->rows), compare, (void *)(uintptr_t)f->policy);
	f->is_moved = true;
}
