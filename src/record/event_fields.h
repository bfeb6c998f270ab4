/* event_fields.h - the table of what an event says: JSON, SQL columns, filters and CSV come from it.
 *
 * Rows are in ascending order of key, as canonical JSON demands (a test holds it).
 * To add a field: a member in struct event, a row in event_fields[]. */
#pragma once

#include "record/event.h"

enum event_field_type {
	EVENT_TEXT,
	EVENT_INT,
	EVENT_AMOUNT, /* a number that is absent where it is 0 */
	EVENT_TIME
};

struct event_field {
	const char *key;    /* in JSON and CSV */
	const char *column; /* in SQL */
	enum event_field_type type;
	size_t offset; /* in struct event */
	bool filterable;
	const char *help;
};

enum { EVENT_FIELD_COUNT = 26 };
extern const struct event_field event_fields[EVENT_FIELD_COUNT];

const struct event_field *event_field_find(struct view key);
/* The member of `event` that the row means; NULL for an absent text, 0 for an absent amount. */
const char *event_field_text(const struct event_field *field, const struct event *event);
int64_t event_field_int(const struct event_field *field, const struct event *event);

/* Appends the whole entry. Absent texts are left out. */
int event_write(const struct event *event, int64_t time_us, struct buffer *out) must_check;
/* Texts are put into the arena. ERR_MALFORMED for an entry of another kind. */
int event_read(const struct entry *entry, struct arena *arena, struct event *ret) must_check;
