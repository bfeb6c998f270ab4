#include "audit/log_record.h"

#include <stdio.h>

#include "audit/log_time.h"
#include "base/decimal.h"

/* With their sizes: most values are of another size than any. */
#define WORD(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
static const struct {
	const char *text;
	size_t size;
} empty_words[] = {WORD("-"),    WORD("(empty)"), WORD("(none)"),  WORD("null"),
                   WORD("none"), WORD("n/a"),     WORD("unknown"), WORD("(null)")};

static bool says_nothing(struct view v)
{
	for (size_t i = 0; i < sizeof(empty_words) / sizeof(*empty_words); i++) {
		if (v.size == empty_words[i].size &&
		    strncasecmp((const char *)v.bytes, empty_words[i].text, v.size) == 0)
			return true;
	}
	return v.size == 0;
}

static void set_aliases(struct log_record *r, struct view list)
{
	while (list.size && r->alias_count < LOG_ALIASES_MAX) {
		struct view one = view_trim(view_split(&list, ','));
		if (one.size)
			r->aliases[r->alias_count++] = one;
	}
	r->has_more_aliases |= list.size != 0;
}

/* Mail and other addresses stand beside names in certificates. */
static bool is_host_name(struct view text)
{
	struct address address;
	for (size_t i = 0; i < text.size; i++) {
		if (strchr(" :/@=", text.bytes[i]))
			return false;
	}
	return text.size && memchr(text.bytes, '.', text.size) && address_parse(text, &address) < 0;
}

static void set_certificate(struct log_record *r, struct view list)
{
	while (list.size) {
		struct view name = view_trim(view_split(&list, ','));
		if (is_host_name(name))
			set_aliases(r, name);
	}
	r->is_certificate = true;
}

/* CN=name,O=A; C=US, O=A, CN=name; /C=US/CN=name */
static void set_subject(struct log_record *r, struct view subject)
{
	while (subject.size) {
		size_t size = 0;
		while (size < subject.size && !strchr(",/+", subject.bytes[size]))
			size++;
		struct view part = view_trim(view_of(subject.bytes, size));
		if (view_starts_with(part, view_text("CN=")))
			set_certificate(r, view_skip(part, 3));
		subject = view_skip(subject, size < subject.size ? size + 1 : size);
	}
}

/* METHOD target PROTOCOL: the target, which may have blanks in it. */
static struct view target_of(struct view request)
{
	(void)view_split(&request, ' ');
	const uint8_t *end = request.size ? memrchr(request.bytes, ' ', request.size) : NULL;
	if (end)
		request.size = (size_t)(end - request.bytes);
	return request;
}

static void set_url(struct log_record *r, struct view url)
{
	struct view *to = url.size && url.bytes[0] == '/' ? &r->path : &r->url;
	if (to->size == 0)
		*to = url;
}

static void set_count(struct log_record *r, uint64_t *to, struct view value, bool is_since)
{
	uint64_t count;
	if (decimal_parse(value, DECIMAL_DIGITS_MAX, &count) < 0 || (r->is_since && !is_since))
		return;
	if (is_since && !r->is_since)
		r->bytes_up = r->bytes_down = 0;
	r->is_since = is_since;
	*to += count;
}

static void set_view(struct view *to, struct view value)
{
	if (to->size == 0)
		*to = value;
}

void log_record_set(struct log_record *r, enum log_field field, struct view value)
{
	if (field == LOG_NOTHING)
		return;
	value = view_trim(value);
	if (says_nothing(value))
		return;
	switch (field) {
	case LOG_NOTHING: break;
	case LOG_TIME:
		if (r->at_us == TIME_MIN && log_time_parse(value, &r->at_us) < 0)
			r->at_us = TIME_MIN;
		break;
	case LOG_DATE: set_view(&r->date, value); break;
	case LOG_CLOCK: set_view(&r->clock, value); break;
	case LOG_ZONE: set_view(&r->zone, value); break;
	case LOG_CLIENT: set_view(&r->client, value); break;
	case LOG_USER: set_view(&r->user, value); break;
	case LOG_HOST: set_view(&r->host, value); break;
	case LOG_URL: set_url(r, value); break;
	case LOG_PATH: set_view(&r->path, value); break;
	case LOG_REQUEST: set_url(r, target_of(value)); break;
	case LOG_PEER: (void)view_split(&value, '/'); /* fall through */
	case LOG_DESTINATION: set_view(&r->destination, value); break;
	case LOG_ALIAS: set_aliases(r, value); break;
	case LOG_CERTIFICATE: set_certificate(r, value); break;
	case LOG_SUBJECT: set_subject(r, value); break;
	case LOG_CLIENTS: r->is_clients |= view_is(value, "T") || view_is(value, "true"); break;
	case LOG_UP: set_count(r, &r->bytes_up, value, false); break;
	case LOG_DOWN: set_count(r, &r->bytes_down, value, false); break;
	case LOG_UP_SINCE: set_count(r, &r->bytes_up, value, true); break;
	case LOG_DOWN_SINCE: set_count(r, &r->bytes_down, value, true); break;
	case LOG_ACTION: set_view(&r->action, value); break;
	}
}

static uint8_t fold(uint8_t c)
{
	return c | 0x20;
}

/* Most keys begin with another letter than any that is known. */
enum log_field log_key_find(const struct log_key *keys, struct view key)
{
	for (; key.size && keys->key; keys++) {
		if (fold((uint8_t)keys->key[0]) == fold(key.bytes[0]) &&
		    view_is_nocase(key, keys->key))
			return keys->field;
	}
	return LOG_NOTHING;
}

int log_address_parse(struct view text, struct address *ret)
{
	text = view_trim(text);
	const uint8_t *close = text.size ? memchr(text.bytes, ']', text.size) : NULL;
	if (close && text.bytes[0] == '[')
		text = view_of(text.bytes + 1, (size_t)(close - text.bytes) - 1);
	if (address_parse(text, ret) == OK)
		return OK;
	for (size_t i = 0; i < text.size; i++) {
		if (strchr("#/%", text.bytes[i]) ||
		    (text.bytes[i] == ':' && memchr(text.bytes, '.', i)))
			return address_parse(view_of(text.bytes, i), ret);
	}
	return ERR_MALFORMED;
}

int64_t log_record_time(const struct log_record *r)
{
	int64_t at_us = r->at_us, offset_s = 0;
	char text[64];
	if (at_us != TIME_MIN || r->date.size == 0 || r->clock.size == 0)
		return at_us;
	int size = snprintf(text, sizeof(text), VIEW_FMT " " VIEW_FMT, VIEW_ARG(r->date),
	                    VIEW_ARG(r->clock));
	if (r->zone.size && log_zone_parse(r->zone, &offset_s) < 0)
		offset_s = 0;
	if (size < 0 || (size_t)size >= sizeof(text) ||
	    log_time_parse_at(view_of(text, (size_t)size), offset_s, &at_us) < 0)
		return TIME_MIN;
	return at_us;
}
