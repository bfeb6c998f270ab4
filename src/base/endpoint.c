#include "base/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

static int parse_port(struct view text, uint16_t *ret)
{
	uint64_t value;
	if (text.size > 1 && text.bytes[0] == '0')
		return ERR_MALFORMED;
	if (decimal_parse(text, 5, &value) < 0 || value > UINT16_MAX)
		return ERR_MALFORMED;
	*ret = (uint16_t)value;
	return OK;
}

/* Cuts `[v6]` or `v4` off the front, and the colon after it. */
static int take_host(struct view *text, bool *ret_in_brackets, struct view *ret_host)
{
	*ret_in_brackets = text->size && text->bytes[0] == '[';
	if (!*ret_in_brackets) {
		*ret_host = view_split(text, ':');
		return OK;
	}
	*text = view_skip(*text, 1);
	*ret_host = view_split(text, ']');
	if (text->size == 0 || text->bytes[0] != ':')
		return ERR_MALFORMED;
	*text = view_skip(*text, 1);
	return OK;
}

int endpoint_parse(struct view text, struct endpoint *ret)
{
	struct endpoint e = {0};
	struct view host = {0};
	bool in_brackets;
	enum address_family family;
	int r = take_host(&text, &in_brackets, &host);
	if (r < 0)
		return r;
	r = prefix_parse_address(host, e.bytes, &family);
	if (r < 0)
		return r;
	bool has_colon = memchr(host.bytes, ':', host.size);
	if (has_colon != in_brackets)
		return ERR_MALFORMED;
	e.family = (uint8_t)family;
	r = parse_port(text, &e.port);
	if (r < 0)
		return r;
	*ret = e;
	return OK;
}

const char *endpoint_print(const struct endpoint *e, char text[static ENDPOINT_TEXT_SIZE])
{
	char address[PREFIX_TEXT_SIZE];
	prefix_print_address(e->bytes, e->family, address);
	if (e->family == ADDRESS_NONE)
		return memcpy(text, "-", 2);
	(void)snprintf(text, ENDPOINT_TEXT_SIZE, e->family == ADDRESS_V6 ? "[%s]:%u" : "%s:%u",
	               address, e->port);
	return text;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool endpoint_is_wildcard(const struct endpoint *e)
{
	static const uint8_t zero[sizeof(e->bytes)];
	return e->family != ADDRESS_NONE && memcmp(e->bytes, zero, sizeof(zero)) == 0;
}
