#include "record/event_fields.h"

#include <stddef.h>

#include "base/timestamp.h"
#include "record/canonical.h"

#define AT(member) offsetof(struct event, member)

const struct event_field event_fields[EVENT_FIELD_COUNT] = {
	{"bytes_down", "bytes_down", EVENT_AMOUNT, AT(bytes_down), false,
         "bytes that came to the client"},
	{"bytes_up", "bytes_up", EVENT_AMOUNT, AT(bytes_up), false, "bytes that the client sent"},
	{"count", "count", EVENT_INT, AT(count), false,
         "how many alike events this one stands for; 0: more of what was told before"},
	{"country", "country", EVENT_TEXT, AT(country), true,
         "country of the destination, as ISO 3166 has it"},
	{"destination", "destination", EVENT_TEXT, AT(destination), true,
         "address that the client spoke to"},
	{"duration_us", "duration_us", EVENT_AMOUNT, AT(duration_us), false,
         "how long it went on, all together"},
	{"exemption", "exemption", EVENT_TEXT, AT(exemption), true, "exemption that permitted it"},
	{"facet", "facet", EVENT_TEXT, AT(facet), true, "facet of the product"},
	{"first", "first_us", EVENT_TIME, AT(first_us), false, "when the first happened"},
	{"gate", "gate", EVENT_TEXT, AT(gate), true,
         "which gate decided: dns, packet, icap, audit, scan"},
	{"identifier", "identifier", EVENT_TEXT, AT(identifier), true,
         "technical mark that matched"},
	{"last", "last_us", EVENT_TIME, AT(last_us), false, "when the last happened"},
	{"name", "name", EVENT_TEXT, AT(name), true,
         "name asked for; a filter takes all names under it"},
	{"network", "network", EVENT_TEXT, AT(network), true,
         "network of the destination, as AS64500 Example"},
	{"obligation", "obligation", EVENT_TEXT, AT(obligation), true,
         "obligation that demands it"},
	{"order", "order_id", EVENT_TEXT, AT(order), true, "order that the obligation is in"},
	{"policy", "policy", EVENT_TEXT, AT(policy), false, "version of the policy that decided"},
	{"port", "port", EVENT_AMOUNT, AT(port), true, "port that the client spoke to"},
	{"product", "product", EVENT_TEXT, AT(product), true, "restricted product"},
	{"reason", "reason", EVENT_TEXT, AT(reason), false,
         "reason code that the client was given"},
	{"reference", "reference", EVENT_TEXT, AT(reference), true,
         "code that a blocked person can quote"},
	{"subject", "subject", EVENT_TEXT, AT(subject), true,
         "pseudonym of the client; a filter takes its beginning"},
	{"transport", "transport", EVENT_TEXT, AT(transport), false, "how the client spoke"},
	{"type", "type", EVENT_TEXT, AT(type), false, "type of the DNS question"},
	{"unit", "unit", EVENT_TEXT, AT(unit), true, "unit of the organisation"},
	{"verdict", "verdict", EVENT_TEXT, AT(verdict), true, "observe or block"},
};

const struct event_field *event_field_find(struct view key)
{
	for (size_t i = 0; i < EVENT_FIELD_COUNT; i++) {
		if (view_is(key, event_fields[i].key))
			return &event_fields[i];
	}
	return NULL;
}

const char *event_field_text(const struct event_field *field, const struct event *event)
{
	return *(const char *const *)(const void *)((const char *)event + field->offset);
}

int64_t event_field_int(const struct event_field *field, const struct event *event)
{
	return *(const int64_t *)(const void *)((const char *)event + field->offset);
}

static void write_field(struct json_writer *j, const struct event_field *field,
                        const struct event *event)
{
	if (field->type == EVENT_INT ||
	    (field->type == EVENT_AMOUNT && event_field_int(field, event)))
		json_int(j, field->key, event_field_int(field, event));
	else if (field->type == EVENT_TIME)
		json_time(j, field->key, event_field_int(field, event));
	else if (field->type == EVENT_TEXT && event_field_text(field, event))
		json_text(j, field->key, event_field_text(field, event));
}

int event_write(const struct event *event, int64_t time_us, struct buffer *out)
{
	struct json_writer j;
	entry_begin(&j, out);
	for (size_t i = 0; i < EVENT_FIELD_COUNT; i++)
		write_field(&j, &event_fields[i], event);
	return entry_end(&j, ENTRY_EVENT, time_us);
}

static bool read_field(const struct event_field *field, struct view value, struct arena *arena,
                       struct event *event)
{
	void *slot = (char *)event + field->offset;
	if (field->type == EVENT_INT || field->type == EVENT_AMOUNT)
		return canonical_int(value, slot);
	const char *text = canonical_text(value, arena);
	if (!text)
		return false;
	if (field->type == EVENT_TIME)
		return timestamp_parse(view_text(text), slot) == OK;
	*(const char **)slot = text;
	return true;
}

int event_read(const struct entry *entry, struct arena *arena, struct event *ret)
{
	struct event event = {0};
	struct view rest = entry->data, key, value;
	if (entry->kind != ENTRY_EVENT)
		return ERR_MALFORMED;
	while (canonical_next(&rest, &key, &value)) {
		const struct event_field *field = event_field_find(key);
		if (field && !read_field(field, value, arena, &event))
			return ERR_MALFORMED;
	}
	*ret = event;
	return OK;
}
