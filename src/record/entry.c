#include "record/entry.h"

#include <errno.h>

#include "base/timestamp.h"
#include "record/canonical.h"

const struct entry_kind_row entry_kinds[ENTRY_KINDS] = {
	{ENTRY_ADOPTION, "adoption", "order",
         "the organisation puts an order in force, or ends that"},
	{ENTRY_APPROVAL, "approval", "actor decision", "a person approved or refused something"},
	{ENTRY_AUDIT, "audit", "is_nil method run",
         "a run that looked for existing use: its sources, and what could not be read"},
	{ENTRY_CONFIGURATION, "configuration", "digest", "configuration or policy changed"},
	{ENTRY_ERASE, "erase", "actor period reason", "a period's pseudonym key was erased"},
	{ENTRY_EVENT, "event", "count first last verdict",
         "a verdict of a gate, an audit or a scan"},
	{ENTRY_EXEMPTION, "exemption", "exemption", "an exemption was asked for, changed or ended"},
	{ENTRY_FINDING, "finding", "finding state", "existing use was found, or its state changed"},
	{ENTRY_HEARTBEAT, "heartbeat", "interval_s source", "the recorder is alive"},
	{ENTRY_LOSS, "loss", "count source",
         "events that could not be kept, or packets that were not judged, by number"},
	{ENTRY_PROBE, "probe", "outcome probe", "a test of a control from a site"},
	{ENTRY_REVEAL, "reveal", "actor reason second",
         "a pseudonym was turned back into a person"},
	{ENTRY_START, "start", "role", "a role began to work"},
	{ENTRY_STOP, "stop", "role", "a role ended"},
};

const struct entry_kind_row *entry_kind_find(struct view name)
{
	for (size_t i = 0; i < ENTRY_KINDS; i++) {
		if (view_is(name, entry_kinds[i].name))
			return &entry_kinds[i];
	}
	return NULL;
}

void entry_begin(struct json_writer *j, struct buffer *out)
{
	*j = (struct json_writer){.out = out, .canonical = true};
	json_object_begin(j, NULL);
	json_object_begin(j, "data");
}

int entry_end(struct json_writer *j, enum entry_kind kind, int64_t time_us)
{
	json_object_end(j);
	json_text(j, "kind", entry_kinds[kind].name);
	json_time(j, "time", time_us);
	json_object_end(j);
	if (j->out->failed)
		return -ENOMEM;
	return j->out->size > ENTRY_SIZE_MAX ? ERR_LIMIT : OK;
}

int entry_write_heartbeat(struct buffer *out, int64_t time_us, const char *source,
                          int64_t interval_s, const char *policy)
{
	struct json_writer j;
	entry_begin(&j, out);
	json_int(&j, "interval_s", interval_s);
	json_text(&j, "policy", policy);
	json_text(&j, "source", source);
	return entry_end(&j, ENTRY_HEARTBEAT, time_us);
}

static void add_happened(struct json_writer *j, const struct entry_times *t)
{
	if (t->happened_us)
		json_time(j, "happened", t->happened_us);
}

int entry_write_start(struct buffer *out, const struct entry_times *t, const char *role,
                      const char *version, const char *policy)
{
	struct json_writer j;
	entry_begin(&j, out);
	add_happened(&j, t);
	json_text(&j, "policy", policy);
	json_text(&j, "role", role);
	json_text(&j, "version", version);
	return entry_end(&j, ENTRY_START, t->written_us);
}

int entry_write_stop(struct buffer *out, const struct entry_times *t, const char *role,
                     const char *reason)
{
	struct json_writer j;
	entry_begin(&j, out);
	add_happened(&j, t);
	json_text(&j, "reason", reason);
	json_text(&j, "role", role);
	return entry_end(&j, ENTRY_STOP, t->written_us);
}

int entry_write_configuration(struct buffer *out, const struct entry_times *t, const char *actor,
                              const char *digest, const char *previous, const char *summary)
{
	struct json_writer j;
	entry_begin(&j, out);
	json_text(&j, "actor", actor);
	json_text(&j, "digest", digest);
	add_happened(&j, t);
	json_text(&j, "previous", previous);
	json_text(&j, "summary", summary);
	return entry_end(&j, ENTRY_CONFIGURATION, t->written_us);
}

int entry_write_loss(struct buffer *out, int64_t time_us, const char *source, int64_t count,
                     const char *reason)
{
	struct json_writer j;
	entry_begin(&j, out);
	json_int(&j, "count", count);
	json_text(&j, "reason", reason);
	json_text(&j, "source", source);
	return entry_end(&j, ENTRY_LOSS, time_us);
}

int entry_write_unjudged(struct buffer *out, const struct entry_times *t,
                         const struct entry_unjudged *u)
{
	struct json_writer j;
	entry_begin(&j, out);
	json_int(&j, "count", u->count);
	add_happened(&j, t);
	json_text(&j, "outcome", u->outcome);
	json_text(&j, "reason", u->reason);
	json_time(&j, "since", u->since_us);
	json_text(&j, "source", u->source);
	json_text(&j, "unit", "packets");
	return entry_end(&j, ENTRY_LOSS, t->written_us);
}

/* The text between the quotes; kinds and times need no escapes. */
static struct view inner_text(struct view value)
{
	if (value.size < 2 || value.bytes[0] != '"')
		return (struct view){0};
	return view_of(value.bytes + 1, value.size - 2);
}

static bool has_required(struct view data, const struct entry_kind_row *row)
{
	struct view names = view_text(row->required), value;
	while (names.bytes) {
		char key[32];
		struct view name = view_split(&names, ' ');
		memcpy(key, name.bytes, name.size);
		key[name.size] = '\0';
		if (!canonical_find(data, key, &value))
			return false;
	}
	return true;
}

/* The one spelling that entry_end() writes, too. */
static bool read_time(struct view text, int64_t *ret)
{
	char again[TIMESTAMP_TEXT_SIZE];
	return timestamp_parse(text, ret) == OK && view_is(text, timestamp_print(*ret, again));
}

static const char *read_shape(struct view json, struct entry *ret)
{
	struct view rest = json, keys[3], values[3], key;
	for (size_t i = 0; i < 3; i++) {
		if (!canonical_next(&rest, &keys[i], &values[i]))
			return "is not an object of data, kind and time";
	}
	if (canonical_next(&rest, &key, &key) || !view_is(keys[0], "data") ||
	    !view_is(keys[1], "kind") || !view_is(keys[2], "time") || values[0].bytes[0] != '{')
		return "is not an object of data, kind and time";
	const struct entry_kind_row *row = entry_kind_find(inner_text(values[1]));
	if (!row)
		return "is of an unknown kind";
	if (!has_required(values[0], row))
		return "lacks a member that its kind must have";
	*ret = (struct entry){.kind = row->kind, .data = values[0]};
	return read_time(inner_text(values[2]), &ret->time_us) ? NULL : "has no valid time";
}

int entry_parse(struct view bytes, struct entry *ret, const char **ret_why)
{
	size_t offset;
	struct entry entry = {0};
	if (bytes.size > ENTRY_SIZE_MAX)
		return ERR_LIMIT;
	const char *why = canonical_check(bytes, &offset) < 0 ? "is not canonical JSON"
	                                                      : read_shape(bytes, &entry);
	if (why) {
		if (ret_why)
			*ret_why = why;
		return ERR_MALFORMED;
	}
	*ret = entry;
	return OK;
}

const char *entry_text(const struct entry *entry, const char *key, struct arena *arena)
{
	struct view value;
	return canonical_find(entry->data, key, &value) ? canonical_text(value, arena) : NULL;
}

int64_t entry_int(const struct entry *entry, const char *key, int64_t fallback)
{
	struct view value;
	int64_t number;
	return canonical_find(entry->data, key, &value) && canonical_int(value, &number) ? number
	                                                                                 : fallback;
}
