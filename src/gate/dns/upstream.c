#include "gate/dns/upstream.h"

#include <stdio.h>
#include <string.h>

#include "wire/dname.h"

enum { PORT_DNS = 53, PORT_TLS = 853 };

static const char tcp_prefix[] = "tcp://";

/* With a port, or without: then it is `port`. */
static int parse_endpoint(struct view text, uint16_t port, struct endpoint *ret)
{
	enum address_family family;
	struct endpoint e = {.port = port};
	if (endpoint_parse(text, &e) < 0) {
		if (text.size > 2 && text.bytes[0] == '[' && text.bytes[text.size - 1] == ']')
			text = view_of(text.bytes + 1, text.size - 2);
		int r = prefix_parse_address(text, e.bytes, &family);
		if (r < 0)
			return r;
		e.family = (uint8_t)family;
	}
	if (e.port == 0)
		return ERR_MALFORMED;
	*ret = e;
	return OK;
}

/* The name as it stands in a certificate: international ones in ASCII. */
static int parse_name(struct view text, char ret[static UPSTREAM_NAME_SIZE])
{
	struct dname name;
	char printed[DNAME_TEXT_SIZE];
	if (dname_parse_text(text, &name) < 0 || name.labels == 0)
		return ERR_MALFORMED;
	dname_print(&name, printed);
	if (strlen(printed) >= UPSTREAM_NAME_SIZE || strchr(printed, '\\'))
		return ERR_MALFORMED;
	memcpy(ret, printed, strlen(printed) + 1);
	return OK;
}

int upstream_parse(struct view text, struct upstream *ret)
{
	struct upstream u = {.transport = UPSTREAM_UDP};
	const uint8_t *hash = text.size ? memchr(text.bytes, '#', text.size) : NULL;
	if (hash) {
		size_t at = (size_t)(hash - text.bytes);
		int r = parse_name(view_skip(text, at + 1), u.name);
		if (r < 0)
			return r;
		u.transport = UPSTREAM_TLS;
		text.size = at;
	} else if (view_starts_with(text, view_text(tcp_prefix))) {
		u.transport = UPSTREAM_TCP;
		text = view_skip(text, strlen(tcp_prefix));
	}
	int r = parse_endpoint(text, u.transport == UPSTREAM_TLS ? PORT_TLS : PORT_DNS, &u.at);
	if (r < 0)
		return r;
	*ret = u;
	return OK;
}

const char *upstream_print(const struct upstream *u, char text[static UPSTREAM_TEXT_SIZE])
{
	char at[ENDPOINT_TEXT_SIZE];
	(void)snprintf(text, UPSTREAM_TEXT_SIZE, "%s%s%s%s",
	               u->transport == UPSTREAM_TCP ? tcp_prefix : "", endpoint_print(&u->at, at),
	               u->transport == UPSTREAM_TLS ? "#" : "", u->name);
	return text;
}

bool upstream_equal(const struct upstream *a, const struct upstream *b)
{
	return a->transport == b->transport && endpoint_equal(&a->at, &b->at) &&
	       strcmp(a->name, b->name) == 0;
}
