#include "refusal/structured_error.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "policy/contact.h"
#include "wire/dns.h"

/* For blocks by the gate's own operator; none of the sub-errors fits what an authority demands. */
enum { SUB_ERROR_NETWORK_OPERATOR_POLICY = 5 };

bool structured_error_is_wanted(const struct dns_edns *edns, uint16_t option)
{
	struct view options = edns->options, value;
	uint16_t code;
	while (option && dns_option_next(&options, &code, &value) > 0) {
		if (code == option)
			return true;
	}
	return false;
}

bool structured_error_exists(uint16_t ede)
{
	return ede == DNS_EDE_BLOCKED || ede == DNS_EDE_CENSORED || ede == DNS_EDE_FILTERED;
}

static void write_contact(struct json_writer *j, const struct contact *c, struct view reference)
{
	char text[256];
	bool has_headers = memchr(c->text.bytes, '?', c->text.size);
	bool has_subject = c->is_mail && !has_headers && reference.size;
	int size = snprintf(text, sizeof(text), "%s" VIEW_FMT "%s" VIEW_FMT,
	                    c->is_plain ? "mailto:" : "", VIEW_ARG(c->text),
	                    has_subject ? "?subject=" : "",
	                    VIEW_ARG(has_subject ? reference : (struct view){0}));
	if (size > 0 && (size_t)size < sizeof(text))
		json_view(j, NULL, view_of(text, (size_t)size));
}

static bool write_contacts(struct json_writer *j, const struct structured_error *e)
{
	struct view rest = e->contact;
	struct contact contact;
	unsigned count = 0;
	while (count < STRUCTURED_CONTACTS_MAX && contact_next(&rest, &contact) > 0) {
		if (count++ == 0)
			json_array_begin(j, "c");
		write_contact(j, &contact, e->reference);
	}
	if (count)
		json_array_end(j);
	return count > 0;
}

/* The texts are all that makes it long. */
static struct view write_object(const struct structured_error *e, bool with_texts, size_t size_max,
                                uint8_t room[static STRUCTURED_ERROR_SIZE])
{
	size_t size = size_max < STRUCTURED_ERROR_SIZE ? size_max : STRUCTURED_ERROR_SIZE;
	/* of fixed size: it never grows */
	struct buffer out = {.bytes = room, .capacity = size, .size_max = size};
	struct json_writer j = {.out = &out};
	json_object_begin(&j, NULL);
	bool is_of_use = write_contacts(&j, e);
	if (with_texts && e->justification.size) {
		is_of_use = true;
		json_view(&j, "j", e->justification);
	}
	if (e->ede == DNS_EDE_BLOCKED) {
		is_of_use = true;
		json_int(&j, "s", SUB_ERROR_NETWORK_OPERATOR_POLICY);
	}
	if (with_texts) {
		json_view(&j, "o", e->organisation);
		json_view(&j, "l", e->language);
	}
	json_object_end(&j);
	return out.failed || !is_of_use ? (struct view){0} : buffer_view(&out);
}

struct view structured_error_write(const struct structured_error *e, size_t size_max,
                                   uint8_t room[static STRUCTURED_ERROR_SIZE])
{
	if (size_max == 0)
		return (struct view){0};
	struct view all = write_object(e, true, size_max, room);
	return all.size ? all : write_object(e, false, size_max, room);
}
