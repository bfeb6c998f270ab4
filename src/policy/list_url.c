#include "policy/list_url.h"

#include <string.h>

#include "base/prefix.h"

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_path(struct view path)
{
	for (size_t i = 0; i < path.size; i++) {
		uint8_t c = path.bytes[i];
		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}#", c))
			return false;
	}
	return path.size == 0 || path.bytes[0] == '/' || path.bytes[0] == '?';
}

static bool is_port(struct view port)
{
	unsigned number = 0;
	for (size_t i = 0; i < port.size && number <= 65535; i++) {
		if (port.bytes[i] < '0' || port.bytes[i] > '9')
			return false;
		number = number * 10 + (unsigned)(port.bytes[i] - '0');
	}
	return number > 0 && number <= 65535;
}

/* Cuts "host" or "[address]" off the front of an authority; false when it is neither. */
static bool take_host(struct view *authority, struct view *ret_host)
{
	const char *text = (const char *)authority->bytes;
	bool is_bracketed = authority->size && *text == '[';
	size_t size = is_bracketed ? strspn(text + 1, DIGITS "abcdefABCDEF:.") + 1
	                           : strspn(text, DIGITS LETTERS "-.");
	if (is_bracketed && (size >= authority->size || text[size] != ']'))
		return false;
	*ret_host = is_bracketed ? view_of(text + 1, size - 1) : view_of(text, size);
	*authority = view_skip(*authority, size + is_bracketed);
	return ret_host->size > 0;
}

static bool is_here(struct view host)
{
	uint8_t bytes[16];
	enum address_family family;
	static const uint8_t one[16] = {[15] = 1};
	if (view_is_nocase(host, "localhost"))
		return true;
	if (prefix_parse_address(host, bytes, &family) < 0)
		return false;
	return family == ADDRESS_V4 ? bytes[0] == 127 : memcmp(bytes, one, sizeof(one)) == 0;
}

int list_url_check(const char *url, bool is_pinned, const char **ret_expected)
{
	struct view rest = view_text(url), host;
	bool is_https = view_starts_with(rest, view_text("https://"));
	*ret_expected = "https://HOST/PATH";
	if (!is_https && !view_starts_with(rest, view_text("http://")))
		return ERR_INVALID;
	rest = view_skip(rest, is_https ? strlen("https://") : strlen("http://"));
	struct view authority = view_of(rest.bytes, strcspn((const char *)rest.bytes, "/?"));
	if (!is_path(view_skip(rest, authority.size)) || !take_host(&authority, &host))
		return ERR_INVALID;
	if (authority.size && (authority.bytes[0] != ':' || !is_port(view_skip(authority, 1))))
		return ERR_INVALID;
	*ret_expected = "https, or sha256 beside an http address that is not of this machine";
	return is_https || is_pinned || is_here(host) ? OK : ERR_INVALID;
}
