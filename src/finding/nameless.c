#include "finding/nameless.h"

#include <errno.h>
#include <stdlib.h>

/* All that tells one that names nobody from others. */
enum { PRODUCT, IDENTIFIER, UNIT, FILE_NAME, MACHINE, ITEM, PARTS };

struct parts {
	struct view part[PARTS];
};

/* A file says something with its machine only, which the source names. */
static struct parts parts_of_state(const struct finding_state *s)
{
	return (struct parts){{[PRODUCT] = view_text(s->product),
	                       [IDENTIFIER] = view_text(s->identifier),
	                       [UNIT] = view_text(s->unit),
	                       [FILE_NAME] = view_text(s->where),
	                       [MACHINE] = view_text(*s->where ? s->source : ""),
	                       [ITEM] = view_text(s->item)}};
}

static struct parts parts_of_finding(const struct findings *all, const struct finding *f)
{
	const struct policy *p = findings_policy(all);
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	struct parts parts = {
		{[PRODUCT] = view_text(policy_text(p, policy_product(p, i->product)->id)),
	         [IDENTIFIER] = view_text(policy_text(p, i->id)),
	         [UNIT] = view_text(result_unit(p, f)),
	         [FILE_NAME] = f->where,
	         [ITEM] = f->item}};
	if (f->where.size)
		parts.part[MACHINE] = findings_source_at(all, f->source)->name;
	return parts;
}

static int compare_parts(const struct parts *a, const struct parts *b)
{
	int order = 0;
	for (int i = 0; order == 0 && i < PARTS; i++)
		order = view_compare(a->part[i], b->part[i]);
	return order;
}

static int compare_rows(const void *a, const void *b)
{
	const struct finding_state *one = *(const struct finding_state *const *)a,
				   *other = *(const struct finding_state *const *)b;
	struct parts first = parts_of_state(one), second = parts_of_state(other);
	int order = compare_parts(&first, &second);
	if (order)
		return order;
	return (one->found_entry > other->found_entry) - (one->found_entry < other->found_entry);
}

int nameless_init(struct nameless *n, const struct states *states)
{
	*n = (struct nameless){.rows = calloc(states_count(states) + 1, sizeof(*n->rows))};
	if (!n->rows)
		return -ENOMEM;
	for (size_t i = 0; i < states_count(states); i++) {
		const struct finding_state *s = states_at(states, i);
		if (finding_state_is_nameless(s))
			n->rows[n->count++] = s;
	}
	qsort(n->rows, n->count, sizeof(*n->rows), compare_rows);
	return OK;
}

void nameless_done(struct nameless *n)
{
	free(n->rows);
}

const struct finding_state *nameless_find(const struct nameless *n, const struct findings *all,
                                          const struct finding *f)
{
	size_t low = 0, high = n->count;
	if (subjects_has(f))
		return NULL;
	struct parts wanted = parts_of_finding(all, f);
	/* the first row behind all that are the same */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct parts there = parts_of_state(n->rows[middle]);
		if (compare_parts(&there, &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	struct parts found = low ? parts_of_state(n->rows[low - 1]) : (struct parts){0};
	return low && compare_parts(&found, &wanted) == 0 ? n->rows[low - 1] : NULL;
}

static bool is_same(const struct finding_state *a, const struct finding_state *b)
{
	struct parts first = parts_of_state(a), second = parts_of_state(b);
	return compare_parts(&first, &second) == 0;
}

void nameless_spread(const struct nameless *n, const struct states *states, bool *is_met)
{
	const struct finding_state *all = n->count ? states_at(states, 0) : NULL;
	for (size_t begin = 0, end; begin < n->count; begin = end) {
		bool any = false;
		for (end = begin; end < n->count && is_same(n->rows[begin], n->rows[end]); end++)
			any |= is_met[n->rows[end] - all];
		for (size_t i = begin; i < end; i++)
			is_met[n->rows[i] - all] = any;
	}
}
