#include "finding/findings.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "finding/findings_private.h"

enum { ROWS_FIRST = 64 };

int findings_new(const struct policy *policy, size_t findings_max, struct findings **ret)
{
	struct findings *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	*f = (struct findings){.policy = policy, .findings_max = findings_max};
	/* a stranger chooses the keys: where this lies is not for him to know */
	f->seed = (uint64_t)(uintptr_t)f * UINT64_C(0x9e3779b97f4a7c15);
	*ret = f;
	return OK;
}

void findings_free_text(struct view text)
{
	free((void *)(uintptr_t)text.bytes);
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		findings_free_text(f->rows[i].user);
		findings_free_text(f->rows[i].what);
		findings_free_text(f->rows[i].where);
		findings_free_text(f->rows[i].item);
	}
	findings_free_sources(f);
	free(f->rows);
	free(f->slots);
	free(f);
}

int findings_copy_text(struct view *to, struct view from, size_t size_max)
{
	uint8_t *copy = NULL;
	if (from.size > size_max)
		from.size = size_max;
	if (from.size) {
		copy = malloc(from.size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, from.bytes, from.size);
	}
	findings_free_text(*to);
	*to = view_of(copy, from.size);
	return OK;
}

/* What makes two sightings one finding. Product and facets follow from the identifier, the unit from the place. */
static uint64_t hash_of(const struct findings *f, const struct finding *x)
{
	const uint32_t numbers[2] = {x->identifier, x->place};
	const struct view texts[] = {x->user, x->where, x->item};
	uint8_t first[sizeof(numbers) + sizeof(x->client.bytes)];
	memcpy(first, numbers, sizeof(numbers));
	memcpy(first + sizeof(numbers), x->client.bytes, sizeof(x->client.bytes));
	uint64_t hash = hash_bytes(first, sizeof(numbers) + x->client.size, f->seed);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		hash = texts[i].size ? hash_view(texts[i], hash) : hash;
	return hash;
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	return a->identifier == b->identifier && a->place == b->place &&
	       address_equal(&a->client, &b->client) && view_equal(a->user, b->user) &&
	       view_equal(a->where, b->where) && view_equal(a->item, b->item);
}

/* The slot of that finding, or the empty one where it belongs. */
static uint32_t *find_slot(const struct findings *f, const struct finding *x)
{
	size_t at = hash_of(f, x) & (f->slot_count - 1);
	while (f->slots[at] && !is_same(&f->rows[f->slots[at] - 1], x))
		at = (at + 1) & (f->slot_count - 1);
	return &f->slots[at];
}

static void index_rows(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		*find_slot(f, &f->rows[i]) = (uint32_t)i + 1;
}

static int grow(struct findings *f)
{
	size_t capacity = f->capacity ? f->capacity * 2 : ROWS_FIRST;
	struct finding *rows = realloc(f->rows, capacity * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	f->rows = rows;
	uint32_t *slots = calloc(capacity * 2, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(f->slots);
	f->slots = slots;
	f->slot_count = capacity * 2;
	f->capacity = capacity;
	index_rows(f);
	return OK;
}

static int insert(struct findings *f, const struct finding *x, uint32_t *slot)
{
	struct finding own = *x;
	own.user = own.what = own.where = own.item = (struct view){0};
	int code = findings_copy_text(&own.user, x->user, FINDING_TEXT_MAX);
	if (code == OK)
		code = findings_copy_text(&own.what, x->what, FINDING_TEXT_MAX);
	if (code == OK)
		code = findings_copy_text(&own.where, x->where, FINDING_PATH_MAX);
	if (code == OK)
		code = findings_copy_text(&own.item, x->item, FINDING_TEXT_MAX);
	if (code < 0) {
		findings_free_text(own.user);
		findings_free_text(own.what);
		findings_free_text(own.where);
		return code;
	}
	f->rows[f->count++] = own;
	*slot = (uint32_t)f->count;
	return OK;
}

/* One that is known is before one that is not. */
static bool is_time_before(int64_t a_us, int64_t b_us)
{
	return b_us == TIME_MIN || (a_us != TIME_MIN && a_us < b_us);
}

static bool proves_before(const struct finding *a, const struct finding *b)
{
	if (a->is_indirect != b->is_indirect)
		return b->is_indirect;
	if (a->proof_us != b->proof_us)
		return is_time_before(a->proof_us, b->proof_us);
	if (a->source != b->source)
		return a->source < b->source;
	if (a->at != b->at)
		return a->at < b->at;
	return view_compare(a->what, b->what) < 0;
}

static bool has_earlier_destination(const struct finding *a, const struct finding *b)
{
	if (a->destination.size == 0 || b->destination.size == 0)
		return a->destination.size != 0;
	if (a->destination_us != b->destination_us)
		return is_time_before(a->destination_us, b->destination_us);
	return memcmp(&a->destination, &b->destination, sizeof(a->destination)) < 0;
}

static int take_proof(struct finding *to, const struct finding *x)
{
	int code = findings_copy_text(&to->what, x->what, FINDING_TEXT_MAX);
	if (code < 0)
		return code;
	to->proof_us = x->proof_us;
	to->is_indirect = x->is_indirect;
	to->source = x->source;
	to->at = x->at;
	return OK;
}

static bool is_stricter(const struct finding *a, const struct finding *b)
{
	if (a->action != b->action)
		return a->action > b->action;
	if (a->reason != b->reason)
		return a->reason < b->reason;
	if (a->rule != b->rule)
		return a->rule < b->rule;
	return a->exemption < b->exemption;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	uint64_t all = a + b;
	return all < a ? UINT64_MAX : all;
}

static int combine(struct finding *to, const struct finding *x)
{
	int code = proves_before(x, to) ? take_proof(to, x) : OK;
	if (code < 0)
		return code;
	if (has_earlier_destination(x, to)) {
		to->destination = x->destination;
		to->destination_us = x->destination_us;
	}
	if (is_stricter(x, to)) {
		to->action = x->action;
		to->reason = x->reason;
		to->rule = x->rule;
		to->exemption = x->exemption;
	}
	if (x->first_us != TIME_MIN && (to->first_us == TIME_MIN || x->first_us < to->first_us))
		to->first_us = x->first_us;
	if (x->last_us > to->last_us)
		to->last_us = x->last_us;
	to->count = sum(to->count, x->count);
	to->bytes_up = sum(to->bytes_up, x->bytes_up);
	to->bytes_down = sum(to->bytes_down, x->bytes_down);
	return OK;
}

/* Rows that were sorted are no more where their slots say. */
static void index_anew(struct findings *f)
{
	memset(f->slots, 0, f->slot_count * sizeof(*f->slots));
	index_rows(f);
	f->is_moved = false;
}

/* Cuts its texts. */
static int put(struct findings *f, struct finding *x)
{
	assert(x->identifier != NONE);
	if (x->user.size > FINDING_TEXT_MAX)
		x->user.size = FINDING_TEXT_MAX;
	if (x->where.size > FINDING_PATH_MAX)
		x->where.size = FINDING_PATH_MAX;
	if (x->item.size > FINDING_TEXT_MAX)
		x->item.size = FINDING_TEXT_MAX;
	if (f->is_moved)
		index_anew(f);
	uint32_t *slot = f->capacity ? find_slot(f, x) : NULL;
	if (slot && *slot)
		return combine(&f->rows[*slot - 1], x);
	if (f->count == f->findings_max) {
		f->dropped = sum(f->dropped, x->count);
		return OK;
	}
	if (f->count == f->capacity) {
		int code = grow(f);
		if (code < 0)
			return code;
		slot = find_slot(f, x);
	}
	return insert(f, x, slot);
}

int findings_restore(struct findings *f, const struct finding *kept)
{
	struct finding x = *kept;
	return put(f, &x);
}

int findings_add(struct findings *f, const struct sighting *s)
{
	struct finding x = {.identifier = s->verdict.identifier,
	                    .rule = s->verdict.rule,
	                    .exemption = s->verdict.exemption,
	                    .action = s->verdict.action,
	                    .reason = s->verdict.reason,
	                    .place = s->place,
	                    .client = s->client,
	                    .destination = s->destination,
	                    .user = s->user,
	                    .what = s->what,
	                    .where = s->where,
	                    .item = s->item,
	                    .proof_us = s->first_us,
	                    .destination_us = s->destination.size ? s->first_us : TIME_MIN,
	                    .first_us = s->first_us,
	                    .last_us = s->last_us == TIME_MIN ? s->first_us : s->last_us,
	                    .count = s->count,
	                    .bytes_up = s->bytes_up,
	                    .bytes_down = s->bytes_down,
	                    .is_indirect = s->is_indirect,
	                    .source = s->source,
	                    .at = s->at};
	return put(f, &x);
}

int findings_merge_part(struct findings *f, uint32_t source, uint64_t items_before,
                        const struct findings *from)
{
	int code = OK;
	for (size_t i = 0; code == OK && i < from->count; i++) {
		struct finding x = from->rows[i];
		x.source = source;
		x.at += x.at ? items_before : 0;
		code = put(f, &x);
	}
	f->dropped = sum(f->dropped, from->dropped);
	return code;
}

size_t findings_count(const struct findings *f)
{
	return f->count;
}

const struct finding *findings_at(const struct findings *f, size_t i)
{
	assert(i < f->count);
	return &f->rows[i];
}

uint64_t findings_dropped(const struct findings *f)
{
	return f->dropped;
}

void findings_count_dropped(struct findings *f, uint64_t count)
{
	f->dropped = sum(f->dropped, count);
}

const struct policy *findings_policy(const struct findings *f)
{
	return f->policy;
}
