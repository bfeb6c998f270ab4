#include "record/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { NO_SLOT = -1 };

struct slot {
	struct event_record alike; /* without what varies: what is compared */
	uint64_t reference;        /* of the first that is held */
	int64_t began_us;          /* start of the window */
	bool is_holding;           /* more came after the first went out */
	int64_t first_us, last_us; /* of those held, and so on */
	int64_t count;
	int64_t bytes_up, bytes_down, duration_us;
	int32_t next_in_bucket;
	int32_t newer; /* in order of began */
};

struct aggregate {
	size_t size_max, bucket_mask;
	int64_t window_us;
	uint64_t seed;
	aggregate_fn *emit;
	void *context;
	struct slot *slots;
	int32_t *buckets;
	int32_t unused, oldest, newest; /* `unused` is chained by next_in_bucket */
};

static void init_tables(struct aggregate *a)
{
	for (size_t i = 0; i <= a->bucket_mask; i++)
		a->buckets[i] = NO_SLOT;
	for (size_t i = 0; i < a->size_max; i++)
		a->slots[i].next_in_bucket = i + 1 < a->size_max ? (int32_t)i + 1 : NO_SLOT;
	a->unused = 0;
	a->oldest = a->newest = NO_SLOT;
}

struct aggregate *aggregate_new(size_t size_max, int64_t window_us, uint64_t seed,
                                aggregate_fn *emit, void *context)
{
	size_t buckets = 2;
	if (size_max == 0 || size_max > INT32_MAX / 2)
		return NULL;
	while (buckets < size_max)
		buckets *= 2;
	struct aggregate *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	*a = (struct aggregate){.size_max = size_max,
	                        .bucket_mask = buckets - 1,
	                        .window_us = window_us,
	                        .seed = seed,
	                        .emit = emit,
	                        .context = context,
	                        .slots = calloc(size_max, sizeof(*a->slots)),
	                        .buckets = calloc(buckets, sizeof(*a->buckets))};
	if (!a->slots || !a->buckets) {
		aggregate_free(a);
		return NULL;
	}
	init_tables(a);
	return a;
}

void aggregate_free(struct aggregate *aggregate)
{
	if (!aggregate)
		return;
	free(aggregate->slots);
	free(aggregate->buckets);
	free(aggregate);
}

static int32_t *bucket_of(struct aggregate *a, const struct event_record *alike)
{
	return &a->buckets[hash_bytes(alike, sizeof(*alike), a->seed) & a->bucket_mask];
}

/* Ends the window of the oldest: sends out what it holds and frees its slot. */
static void end_oldest(struct aggregate *a)
{
	int32_t index = a->oldest;
	struct slot *s = &a->slots[index];
	int32_t *link = bucket_of(a, &s->alike);
	while (*link != index)
		link = &a->slots[*link].next_in_bucket;
	*link = s->next_in_bucket;
	a->oldest = s->newer;
	if (a->oldest == NO_SLOT)
		a->newest = NO_SLOT;
	if (s->is_holding) {
		struct event_record record = s->alike;
		record.time_us = s->first_us;
		record.reference = s->reference;
		record.bytes_up = s->bytes_up;
		record.bytes_down = s->bytes_down;
		record.duration_us = s->duration_us;
		a->emit(a->context, &record, s->count, s->last_us);
	}
	s->next_in_bucket = a->unused;
	a->unused = index;
}

static void begin(struct aggregate *a, const struct event_record *alike, int64_t now_us)
{
	if (a->unused == NO_SLOT)
		end_oldest(a);
	int32_t index = a->unused, *bucket = bucket_of(a, alike);
	struct slot *s = &a->slots[index];
	a->unused = s->next_in_bucket;
	*s = (struct slot){
		.alike = *alike, .began_us = now_us, .next_in_bucket = *bucket, .newer = NO_SLOT};
	*bucket = index;
	if (a->newest == NO_SLOT)
		a->oldest = index;
	else
		a->slots[a->newest].newer = index;
	a->newest = index;
}

static void add_sum(int64_t *sum, int64_t more)
{
	*sum = more > EVENT_SUM_MAX - *sum ? EVENT_SUM_MAX : *sum + more;
}

static void hold(struct slot *s, const struct event_record *record)
{
	if (!s->is_holding) {
		s->first_us = s->last_us = record->time_us;
		s->reference = record->reference;
	}
	s->is_holding = true;
	s->count += !record->is_more;
	add_sum(&s->bytes_up, record->bytes_up);
	add_sum(&s->bytes_down, record->bytes_down);
	add_sum(&s->duration_us, record->duration_us);
	if (record->time_us > s->last_us)
		s->last_us = record->time_us;
	if (record->time_us < s->first_us)
		s->first_us = record->time_us;
}

static struct event_record without_what_varies(const struct event_record *record)
{
	struct event_record alike = *record;
	alike.time_us = 0;
	alike.reference = 0;
	alike.bytes_up = alike.bytes_down = alike.duration_us = 0;
	alike.is_more = 0;
	return alike;
}

void aggregate_add(struct aggregate *aggregate, const struct event_record *record, int64_t now_us)
{
	struct event_record alike = without_what_varies(record);
	aggregate_expire(aggregate, now_us);
	for (int32_t i = *bucket_of(aggregate, &alike); i != NO_SLOT;) {
		struct slot *s = &aggregate->slots[i];
		if (memcmp(&s->alike, &alike, sizeof(alike)) == 0) {
			hold(s, record);
			return;
		}
		i = s->next_in_bucket;
	}
	begin(aggregate, &alike, now_us);
	aggregate->emit(aggregate->context, record, !record->is_more, record->time_us);
}

void aggregate_expire(struct aggregate *aggregate, int64_t now_us)
{
	while (aggregate->oldest != NO_SLOT &&
	       now_us - aggregate->slots[aggregate->oldest].began_us >= aggregate->window_us)
		end_oldest(aggregate);
}

void aggregate_flush(struct aggregate *aggregate)
{
	while (aggregate->oldest != NO_SLOT)
		end_oldest(aggregate);
}

int64_t aggregate_next_us(const struct aggregate *aggregate)
{
	return aggregate->oldest == NO_SLOT
	               ? INT64_MAX
	               : aggregate->slots[aggregate->oldest].began_us + aggregate->window_us;
}
