#include "record/tally.h"

/* One writer: no need for a locked instruction. */
static void add(_Atomic uint64_t *at, uint64_t by)
{
	uint64_t old = atomic_load_explicit(at, memory_order_relaxed);
	atomic_store_explicit(at, old + by, memory_order_relaxed);
}

static void clear(_Atomic uint64_t (*rows)[TALLY_ACTIONS], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (int a = 0; a < TALLY_ACTIONS; a++)
			atomic_store_explicit(&rows[i][a], 0, memory_order_relaxed);
	}
}

void tally_begin(struct tally *t, uint64_t version)
{
	if (atomic_load_explicit(&t->version, memory_order_relaxed) == version)
		return;
	atomic_store_explicit(&t->version, 0, memory_order_release);
	clear(t->rules, TALLY_RULES);
	clear(t->facets, TALLY_FACETS);
	atomic_store_explicit(&t->version, version, memory_order_release);
}

void tally_add(struct tally *t, uint32_t rule, uint32_t facets, enum tally_action action)
{
	if (rule < TALLY_RULES)
		add(&t->rules[rule][action], 1);
	for (unsigned f = 0; f < TALLY_FACETS; f++) {
		if (facets >> f & 1)
			add(&t->facets[f][action], 1);
	}
}

static void sum(_Atomic uint64_t (*to)[TALLY_ACTIONS],
                const _Atomic uint64_t (*from)[TALLY_ACTIONS], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (int a = 0; a < TALLY_ACTIONS; a++)
			add(&to[i][a], atomic_load_explicit(&from[i][a], memory_order_relaxed));
	}
}

void tally_sum(struct tally *to, const struct tally *from, uint64_t version)
{
	if (atomic_load_explicit(&from->version, memory_order_acquire) != version)
		return;
	sum(to->rules, from->rules, TALLY_RULES);
	sum(to->facets, from->facets, TALLY_FACETS);
}
