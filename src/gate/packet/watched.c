#include "gate/packet/watched.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"

struct row {
	bool is_first;  /* of its flow */
	uint64_t alike; /* hash of the event */
	int64_t seen_us;
	struct flow_key key;
	struct event_record event;
};

struct watched {
	pthread_mutex_t lock;
	uint64_t seed;
	/* of each row: part of its key's hash, 0 for a free one. Most flows are not here, and these say so by one
	 * look without the lock. */
	_Atomic uint32_t tags[WATCHED_ROWS];
	struct row rows[WATCHED_ROWS];
};

/* All rows of a flow are in one set. */
struct place {
	uint32_t tag;
	_Atomic uint32_t *tags;
	struct row *rows;
};

int watched_new(uint64_t seed, struct watched **ret)
{
	struct watched *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	w->seed = seed;
	*ret = w;
	return OK;
}

void watched_free(struct watched *w)
{
	if (!w)
		return;
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static struct place place_of(struct watched *w, const struct flow_key *key)
{
	uint64_t hash = flow_key_hash(key, w->seed);
	size_t at = hash % (WATCHED_ROWS / WATCHED_WAYS) * WATCHED_WAYS;
	return (struct place){(uint32_t)(hash >> 32) | 1, &w->tags[at], &w->rows[at]};
}

static uint32_t tag_of(const struct place *p, unsigned i)
{
	return atomic_load_explicit(&p->tags[i], memory_order_relaxed);
}

static void set_tag(const struct place *p, unsigned i, uint32_t tag)
{
	atomic_store_explicit(&p->tags[i], tag, memory_order_relaxed);
}

static bool is_of(const struct place *p, unsigned i, const struct flow_key *key)
{
	return tag_of(p, i) == p->tag && flow_key_equal(&p->rows[i].key, key);
}

static bool has_tag(const struct place *p)
{
	bool is_there = false;
	for (unsigned i = 0; i < WATCHED_WAYS; i++)
		is_there = is_there || tag_of(p, i) == p->tag;
	return is_there;
}

/* The row of that event; else the one that is free, or oldest. */
static unsigned choose(const struct place *p, const struct flow_key *key, uint64_t alike)
{
	unsigned best = 0;
	for (unsigned i = 0; i < WATCHED_WAYS; i++) {
		if (is_of(p, i, key) && p->rows[i].alike == alike)
			return i;
		if (tag_of(p, best) &&
		    (!tag_of(p, i) || p->rows[i].seen_us < p->rows[best].seen_us))
			best = i;
	}
	return best;
}

static bool has_first(const struct place *p, const struct flow_key *key)
{
	for (unsigned i = 0; i < WATCHED_WAYS; i++) {
		if (is_of(p, i, key) && p->rows[i].is_first)
			return true;
	}
	return false;
}

static enum watched_news add(const struct place *p, const struct flow_key *key,
                             const struct event_record *event, uint64_t alike, int64_t now_us)
{
	unsigned i = choose(p, key, alike);
	struct row *row = &p->rows[i];
	if (is_of(p, i, key) && row->alike == alike) {
		int64_t since_us = now_us - row->seen_us;
		row->seen_us = now_us;
		return since_us >= 0 && since_us < WATCHED_SAME_US ? WATCHED_KNOWN : WATCHED_NEW;
	}
	bool was_free = tag_of(p, i) == 0;
	set_tag(p, i, 0);
	row->is_first = !has_first(p, key);
	row->alike = alike;
	row->seen_us = now_us;
	row->key = *key;
	row->event = *event;
	set_tag(p, i, p->tag);
	return was_free ? WATCHED_NEW : WATCHED_NEW_FOR_OLD;
}

enum watched_news watched_add(struct watched *w, const struct flow_key *key,
                              const struct event_record *event, int64_t now_us)
{
	struct place p = place_of(w, key);
	uint64_t alike = hash_bytes(event, sizeof(*event), w->seed);
	pthread_mutex_lock(&w->lock);
	enum watched_news news = add(&p, key, event, alike, now_us);
	pthread_mutex_unlock(&w->lock);
	return news;
}

bool watched_has(struct watched *w, const struct flow_key *key)
{
	struct place p = place_of(w, key);
	if (!has_tag(&p))
		return false;
	pthread_mutex_lock(&w->lock);
	bool has = has_first(&p, key);
	pthread_mutex_unlock(&w->lock);
	return has;
}

static bool take(const struct place *p, const struct flow_key *key, struct event_record *ret)
{
	bool is_found = false;
	for (unsigned i = 0; i < WATCHED_WAYS; i++) {
		if (!is_of(p, i, key))
			continue;
		if (p->rows[i].is_first) {
			*ret = p->rows[i].event;
			is_found = true;
		}
		set_tag(p, i, 0);
	}
	return is_found;
}

bool watched_take(struct watched *w, const struct flow_key *key, struct event_record *ret)
{
	struct place p = place_of(w, key);
	if (!has_tag(&p))
		return false;
	pthread_mutex_lock(&w->lock);
	bool is_found = take(&p, key, ret);
	pthread_mutex_unlock(&w->lock);
	return is_found;
}
