#include "scan/url.h"

#include "base/address.h"
#include "scan/text.h"

struct view scan_url_bare(struct view text)
{
	const uint8_t *slashes = text.size ? memmem(text.bytes, text.size, "://", 3) : NULL;
	return view_skip(text, slashes ? (size_t)(slashes - text.bytes) + 3 : 0);
}

/* What stands before the scheme, as the word that a file has it in may, could be a key. */
static struct view scheme_of(struct view text, struct view bare)
{
	struct view before = view_of(text.bytes, text.size - bare.size);
	size_t begin = before.size < 3 ? before.size : before.size - 3;
	while (begin &&
	       (view_is_letter(text.bytes[begin - 1]) || view_is_digit(text.bytes[begin - 1])))
		begin--;
	return view_skip(before, begin);
}

/* Without user and port. */
static struct view host_of(struct view authority)
{
	struct view host = authority;
	const uint8_t *at = host.size ? memrchr(host.bytes, '@', host.size) : NULL;
	if (at)
		host = view_skip(host, (size_t)(at - host.bytes) + 1);
	const uint8_t *colon = host.size ? memrchr(host.bytes, ':', host.size) : NULL;
	if (colon && !memchr(colon, ']', host.size - (size_t)(colon - host.bytes)))
		host.size = (size_t)(colon - host.bytes);
	return host;
}

struct scan_url scan_url_read(struct view text)
{
	struct view bare = scan_url_bare(text);
	size_t size = scan_text_until(bare, "/?#");
	struct view path = view_skip(bare, size);
	path.size = scan_text_until(path, "?#");
	return (struct scan_url){.scheme = scheme_of(text, bare),
	                         .host = host_of(view_of(bare.bytes, size)),
	                         .path = path};
}

bool scan_url_ask_host(struct view host, struct dname *room, struct facts *ret)
{
	if (host.size > 2 && host.bytes[0] == '[' && host.bytes[host.size - 1] == ']')
		host = view_of(host.bytes + 1, host.size - 2);
	if (host.size > 2 && view_starts_with(host, view_text("*.")))
		host = view_skip(host, 2);
	if (address_parse(host, &ret->destination) == OK)
		return true;
	ret->name = room;
	return dname_parse_text(host, room) == OK;
}
