#include "flow/slots.h"

#include <errno.h>
#include <stdlib.h>

int slots_init(struct slots *t, uint32_t flows, size_t held_bytes, uint64_t seed)
{
	uint32_t buckets = 1;
	while (buckets < flows && buckets < UINT32_C(1) << 31)
		buckets *= 2;
	*t = (struct slots){
		.count = flows, .free = FLOW_NONE, .bucket_mask = buckets - 1, .seed = seed};
	for (unsigned i = 0; i < SLOTS_LISTS; i++)
		t->lists[i] = (struct flow_list){FLOW_NONE, FLOW_NONE, 0};
	t->slots = calloc(flows, sizeof(*t->slots));
	t->buckets = malloc(buckets * sizeof(*t->buckets));
	int r = pool_init(&t->pool, held_bytes);
	if (!t->slots || !t->buckets || r < 0) {
		slots_done(t);
		return -ENOMEM;
	}
	memset(t->buckets, 0xff, buckets * sizeof(*t->buckets));
	return OK;
}

void slots_done(struct slots *t)
{
	free(t->slots);
	free(t->buckets);
	pool_done(&t->pool);
	*t = (struct slots){0};
}

static uint32_t number_of(const struct slots *t, const struct flow *f)
{
	return (uint32_t)(f - t->slots);
}

static struct flow_list *list_of(struct slots *t, const struct flow *f)
{
	return &t->lists[f->list];
}

static void unlink_flow(struct slots *t, struct flow *f)
{
	struct flow_list *l = list_of(t, f);
	l->count--;
	if (f->older != FLOW_NONE)
		t->slots[f->older].newer = f->newer;
	else
		l->oldest = f->newer;
	if (f->newer != FLOW_NONE)
		t->slots[f->newer].older = f->older;
	else
		l->newest = f->older;
}

static void link_flow(struct slots *t, struct flow *f)
{
	struct flow_list *l = list_of(t, f);
	l->count++;
	f->older = l->newest;
	f->newer = FLOW_NONE;
	if (l->newest != FLOW_NONE)
		t->slots[l->newest].newer = number_of(t, f);
	else
		l->oldest = number_of(t, f);
	l->newest = number_of(t, f);
}

static bool is_of(const struct flow *f, const struct flow_key *key, const struct flow_key *turned)
{
	return flow_key_equal(&f->key, key) || flow_key_equal(&f->key, turned);
}

struct flow *slots_find(struct slots *t, const struct flow_key *key)
{
	uint64_t hash = flow_key_hash(key, t->seed);
	struct flow_key turned = flow_key_turned(key);
	uint32_t at = t->buckets[hash & t->bucket_mask];
	while (at != FLOW_NONE) {
		struct flow *f = &t->slots[at];
		if (f->hash == hash && is_of(f, key, &turned))
			return f;
		at = f->chain;
	}
	return NULL;
}

static uint32_t take_slot(struct slots *t)
{
	if (t->used == t->count) {
		uint32_t oldest = t->lists[SLOTS_SHORT].oldest;
		if (oldest == FLOW_NONE)
			oldest = t->lists[SLOTS_AWAITED].oldest;
		if (oldest == FLOW_NONE)
			return FLOW_NONE;
		slots_remove(t, &t->slots[oldest]);
	}
	uint32_t at = t->free;
	if (at == FLOW_NONE)
		return t->fresh++;
	t->free = t->slots[at].chain;
	return at;
}

struct flow *slots_add(struct slots *t, const struct flow_key *key, int64_t now_us)
{
	uint32_t at = take_slot(t);
	if (at == FLOW_NONE)
		return NULL;
	struct flow *f = &t->slots[at];
	*f = (struct flow){.key = *key, .is_used = true, .list = SLOTS_SHORT};
	f->hash = flow_key_hash(key, t->seed);
	f->since_us = f->last_us = now_us;
	uint32_t *bucket = &t->buckets[f->hash & t->bucket_mask];
	f->chain = *bucket;
	*bucket = at;
	t->used++;
	link_flow(t, f);
	return f;
}

void slots_remove(struct slots *t, struct flow *f)
{
	uint32_t *link = &t->buckets[f->hash & t->bucket_mask];
	while (*link != number_of(t, f))
		link = &t->slots[*link].chain;
	*link = f->chain;
	unlink_flow(t, f);
	if (t->forget)
		t->forget(t->context, f);
	held_clear(&f->from_client, &t->pool);
	held_clear(&f->from_server, &t->pool);
	f->is_used = false;
	f->chain = t->free;
	t->free = number_of(t, f);
	t->used--;
}

bool slots_give_way(struct slots *t, const struct flow *keep)
{
	uint32_t oldest = t->lists[SLOTS_AWAITED].oldest;
	if (oldest != FLOW_NONE && &t->slots[oldest] == keep)
		oldest = keep->newer;
	if (oldest == FLOW_NONE)
		return false;
	slots_remove(t, &t->slots[oldest]);
	return true;
}

void slots_touch(struct slots *t, struct flow *f, int64_t now_us, unsigned list)
{
	f->last_us = now_us;
	if (f->newer == FLOW_NONE && f->list == list)
		return;
	unlink_flow(t, f);
	f->list = (uint8_t)list;
	link_flow(t, f);
}

void slots_expire(struct slots *t, int64_t now_us, int64_t idle_us, unsigned count)
{
	for (unsigned i = 0; i < SLOTS_LISTS; i++) {
		int64_t limit = idle_us;
		/* of one that is awaited the client sends its hello again, ever less often */
		if (i == SLOTS_SHORT ? limit > FLOW_SHORT_US
		                     : i == SLOTS_AWAITED && limit < FLOW_SHORT_US)
			limit = FLOW_SHORT_US;
		for (unsigned n = 0; n < count && t->lists[i].oldest != FLOW_NONE; n++) {
			struct flow *f = &t->slots[t->lists[i].oldest];
			if (now_us - f->last_us <= limit)
				break;
			slots_remove(t, f);
		}
	}
}
