#include "finding/states.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/timestamp.h"

const char *const finding_status_names[] = {
	[FINDING_OPEN] = "open", [FINDING_ACCEPTED] = "accepted",   [FINDING_REMOVED] = "removed",
	[FINDING_GONE] = "gone", [FINDING_FORGOTTEN] = "forgotten", [FINDING_STATUSES] = NULL,
};

enum { FIRST = 64 };

struct states {
	struct arena arena;
	struct finding_state *items;
	size_t count, capacity;
	uint32_t *slots; /* 1 + index; twice the capacity */
};

/* Which member of an entry's data is which text: of what was found, or of a change. */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
#define TEXT(member)                                            \
	{                                                       \
#		member, offsetof(struct finding_state, member) \
	}
	TEXT(product),  TEXT(facets),    TEXT(identifier), TEXT(proves), TEXT(subject),
	TEXT(unit),     TEXT(what),      TEXT(where),      TEXT(item),   TEXT(format),
	TEXT(source),   TEXT(period),    TEXT(run),        TEXT(actor),  TEXT(reason),
	TEXT(assignee), TEXT(exemption),
#undef TEXT
};
enum { TEXTS = sizeof(texts) / sizeof(*texts) };

/* What replaces bytes that are no UTF-8, json_writer.h. */
static bool is_exact(const char *text)
{
	return !strstr(text, "\xef\xbf\xbd");
}

bool finding_state_is_nameless(const struct finding_state *f)
{
	return !*f->subject && is_exact(f->where) && is_exact(f->source) && is_exact(f->item);
}

int states_new(struct states **ret)
{
	struct states *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	arena_init(&s->arena, 0);
	*ret = s;
	return OK;
}

void states_free(struct states *s)
{
	if (!s)
		return;
	arena_done(&s->arena);
	free(s->items);
	free(s->slots);
	free(s);
}

/* The slot of that id, or the empty one where it belongs. */
static uint32_t *slot_of(const struct states *s, const char *id)
{
	size_t mask = s->capacity * 2 - 1, at = hash_view(view_text(id), 0) & mask;
	while (s->slots[at] && strcmp(s->items[s->slots[at] - 1].id, id) != 0)
		at = (at + 1) & mask;
	return &s->slots[at];
}

static int grow(struct states *s)
{
	size_t capacity = s->capacity ? s->capacity * 2 : FIRST;
	struct finding_state *items = realloc(s->items, capacity * sizeof(*items));
	if (!items)
		return -ENOMEM;
	s->items = items;
	uint32_t *slots = calloc(capacity * 2, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(s->slots);
	s->slots = slots;
	s->capacity = capacity;
	for (size_t i = 0; i < s->count; i++)
		*slot_of(s, s->items[i].id) = (uint32_t)i + 1;
	return OK;
}

/* The finding of that id, new if there was none. */
static int get(struct states *s, const char *id, int64_t time_us, struct finding_state **ret)
{
	int code = s->count == s->capacity ? grow(s) : OK;
	if (code < 0)
		return code;
	uint32_t *slot = slot_of(s, id);
	if (!*slot && s->count == STATES_MAX)
		return ERR_LIMIT;
	if (!*slot) {
		struct finding_state new = {
			.id = id, .first_us = TIME_MIN, .last_us = TIME_MIN, .since_us = time_us};
		for (size_t i = 0; i < TEXTS; i++)
			*(const char **)(void *)((char *)&new + texts[i].offset) = "";
		s->items[s->count++] = new;
		*slot = (uint32_t)s->count;
	}
	*ret = &s->items[*slot - 1];
	return OK;
}

static bool read_status(const struct entry *e, struct arena *a, enum finding_status *ret)
{
	const char *text = entry_text(e, "state", a);
	for (int i = 0; text && i < FINDING_FORGOTTEN; i++) {
		if (strcmp(text, finding_status_names[i]) == 0) {
			*ret = (enum finding_status)i;
			return true;
		}
	}
	return false;
}

static int64_t read_time(const struct entry *e, const char *key, struct arena *a)
{
	int64_t at_us;
	const char *text = entry_text(e, key, a);
	return text && timestamp_parse(view_text(text), &at_us) == OK ? at_us : TIME_MIN;
}

int states_add(struct states *s, uint64_t number, const struct entry *e)
{
	struct finding_state *f = NULL;
	enum finding_status status;
	const char *id = entry_text(e, "finding", &s->arena);
	if (!id || !*id || !read_status(e, &s->arena, &status))
		return s->arena.failed ? -ENOMEM : OK;
	int code = get(s, id, e->time_us, &f);
	if (code < 0)
		return code;
	f->reason = "";
	if (status != FINDING_ACCEPTED)
		f->exemption = "";
	/* the run of a finding is the one that found it, not one that did not */
	bool is_found = entry_text(e, "product", &s->arena);
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = entry_text(e, texts[i].key, &s->arena);
		if (text && (is_found || strcmp(texts[i].key, "run") != 0))
			*(const char **)(void *)((char *)f + texts[i].offset) = text;
	}
	int64_t first_us = read_time(e, "first", &s->arena),
		last_us = read_time(e, "last", &s->arena);
	if (first_us != TIME_MIN && (f->first_us == TIME_MIN || first_us < f->first_us))
		f->first_us = first_us;
	if (last_us > f->last_us)
		f->last_us = last_us;
	f->count = entry_int(e, "count", f->count);
	f->status = status;
	f->changed_us = e->time_us;
	f->entry = number;
	if (is_found)
		f->found_entry = number;
	return s->arena.failed ? -ENOMEM : OK;
}

/* A run that found it later had the key again, as from a backup. */
static bool is_forgotten(const struct finding_state *f, const char *period, uint64_t number)
{
	return f->status != FINDING_GONE && f->found_entry < number &&
	       strcmp(f->period, period) == 0 && !finding_state_is_nameless(f);
}

int states_erase(struct states *s, uint64_t number, const struct entry *e)
{
	const char *period = entry_text(e, "period", &s->arena);
	const char *actor = entry_text(e, "actor", &s->arena),
		   *reason = entry_text(e, "reason", &s->arena);
	if (!period || !actor || !reason)
		return s->arena.failed ? -ENOMEM : OK;
	for (size_t i = 0; i < s->count; i++) {
		struct finding_state *f = &s->items[i];
		if (!is_forgotten(f, period, number))
			continue;
		f->status = FINDING_FORGOTTEN;
		f->actor = actor;
		f->reason = reason;
		f->entry = number;
		f->changed_us = e->time_us;
	}
	return OK;
}

size_t states_count(const struct states *s)
{
	return s->count;
}

const struct finding_state *states_at(const struct states *s, size_t i)
{
	assert(i < s->count);
	return &s->items[i];
}

const struct finding_state *states_get(const struct states *s, const char *id)
{
	const uint32_t *slot = s->count ? slot_of(s, id) : NULL;
	return slot && *slot ? &s->items[*slot - 1] : NULL;
}

const struct finding_state *states_find(const struct states *s, const char *id)
{
	const struct finding_state *only = states_get(s, id);
	size_t size = strlen(id);
	if (only)
		return only;
	for (size_t i = 0; size && i < s->count; i++) {
		if (strncmp(s->items[i].id, id, size) != 0)
			continue;
		if (only)
			return NULL;
		only = &s->items[i];
	}
	return only;
}
