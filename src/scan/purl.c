#include "scan/purl.h"

#include <ctype.h>

#include "scan/text.h"

static int hex_digit(uint8_t c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* Writes `v` with its escapes undone, cut to the room. False for a broken escape or a zero. */
static bool unescape(struct view v, char *to, size_t room)
{
	size_t size = 0;
	while (v.size) {
		int c = v.bytes[0];
		size_t used = 1;
		if (c == '%') {
			int high = v.size > 2 ? hex_digit(v.bytes[1]) : -1;
			int low = v.size > 2 ? hex_digit(v.bytes[2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = high << 4 | low;
			used = 3;
		}
		if (c == 0)
			return false;
		if (size < room - 1)
			to[size++] = (char)c;
		v = view_skip(v, used);
	}
	to[size] = '\0';
	return true;
}

int purl_parse(struct view text, struct purl *ret)
{
	struct purl p = {0};
	if (text.size > PURL_SIZE)
		return ERR_LIMIT;
	if (!view_starts_with(text, view_text("pkg:")))
		return ERR_MALFORMED;
	struct view rest = view_skip(text, 4);
	rest.size = scan_text_until(rest, "?#");
	while (rest.size && rest.bytes[0] == '/')
		rest = view_skip(rest, 1);
	struct view type = view_split(&rest, '/');
	const uint8_t *at = rest.size ? memrchr(rest.bytes, '@', rest.size) : NULL;
	struct view name = rest, version = {0};
	/* one at the begin is a scope that was not escaped */
	if (at && at > rest.bytes) {
		name.size = (size_t)(at - rest.bytes);
		version = view_skip(rest, name.size + 1);
	}
	while (name.size && name.bytes[name.size - 1] == '/')
		name.size--;
	if (type.size == 0 || type.size >= sizeof(p.type) || name.size == 0 ||
	    !unescape(type, p.type, sizeof(p.type)) || !unescape(name, p.name, sizeof(p.name)) ||
	    !unescape(version, p.version, sizeof(p.version)))
		return ERR_MALFORMED;
	for (char *c = p.type; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	*ret = p;
	return OK;
}
