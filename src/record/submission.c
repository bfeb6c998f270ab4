#include "record/submission.h"

#include <errno.h>

#include "base/timestamp.h"
#include "record/canonical.h"
#include "record/pseudonym.h"

static bool is_hex(struct view v)
{
	for (size_t i = 0; i < v.size; i++) {
		uint8_t c = v.bytes[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

/* Null, or as pseudonym_make() writes it, between quotes. */
static bool is_pseudonym(struct view json)
{
	if (view_is(json, "null"))
		return true;
	return json.size == PSEUDONYM_TEXT_SIZE - 1 + 2 && json.bytes[0] == '"' &&
	       is_hex(view_of(json.bytes + 1, json.size - 2));
}

/* Texts that are there; which month, is said in seven characters without escapes. */
static bool is_erasure(const struct entry *e)
{
	static const char *const keys[] = {"actor", "id", "period", "reason"};
	char period[PSEUDONYM_PERIOD_SIZE] = "";
	struct view value;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!canonical_find(e->data, keys[i], &value) || value.bytes[0] != '"' ||
		    value.size <= 2)
			return false;
	}
	if (!canonical_find(e->data, "period", &value) || value.size != PSEUDONYM_PERIOD_SIZE + 1)
		return false;
	memcpy(period, value.bytes + 1, PSEUDONYM_PERIOD_SIZE - 1);
	return pseudonym_period_is_valid(period);
}

static bool may_be_submitted(const struct entry *e)
{
	struct view subject;
	if (e->kind == ENTRY_ERASE)
		return is_erasure(e);
	return (e->kind == ENTRY_AUDIT || e->kind == ENTRY_FINDING) &&
	       (!canonical_find(e->data, "subject", &subject) || is_pseudonym(subject));
}

int submission_next(struct view *rest, int64_t time_us, struct buffer *out)
{
	char time[TIMESTAMP_TEXT_SIZE];
	struct view data = view_split(rest, '\n'), kind = view_split(&data, ' ');
	struct entry e;
	buffer_add_text(out, "{\"data\":");
	buffer_add_view(out, data);
	buffer_add_text(out, ",\"kind\":\"");
	buffer_add_view(out, kind);
	buffer_add_text(out, "\",\"time\":\"");
	buffer_add_text(out, timestamp_print(time_us, time));
	buffer_add_text(out, "\"}");
	if (out->failed)
		return -ENOMEM;
	int code = entry_parse(buffer_view(out), &e, NULL);
	if (code < 0)
		return code;
	/* `data` must have been one value: with more in it, it would not be what was parsed */
	return may_be_submitted(&e) && view_equal(e.data, data) ? OK : ERR_MALFORMED;
}

bool submission_is_erasure(struct view lines)
{
	return view_starts_with(lines, view_text("erase "));
}

int submission_check(struct view lines, size_t *ret_count)
{
	struct buffer out = {0};
	size_t count = 0;
	bool erases = false;
	int code = lines.size && lines.size <= SUBMISSION_SIZE_MAX ? OK : ERR_LIMIT;
	while (code == OK && lines.size) {
		out.size = 0;
		erases |= submission_is_erasure(lines);
		code = submission_next(&lines, 0, &out);
		count++;
	}
	buffer_done(&out);
	if (code == OK && erases && count > 1)
		code = ERR_MALFORMED;
	if (code == OK)
		*ret_count = count;
	return code;
}
