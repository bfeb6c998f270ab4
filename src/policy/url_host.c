#include "policy/url_host.h"

#include <string.h>

#include "base/address.h"

struct view url_host(struct view url)
{
	const uint8_t *scheme = memmem(url.bytes, url.size, "://", 3);
	if (scheme)
		url = view_skip(url, (size_t)(scheme - url.bytes) + 3);
	const uint8_t *close = url.size ? memchr(url.bytes, ']', url.size) : NULL;
	if (close && url.bytes[0] == '[')
		return view_of(url.bytes + 1, (size_t)(close - url.bytes) - 1);
	size_t size = 0;
	while (size < url.size && !strchr("/:?#", url.bytes[size]))
		size++;
	return view_of(url.bytes, size);
}

int url_host_name(struct view host, struct dname *ret)
{
	const uint8_t *brace = memrchr(host.bytes, '}', host.size);
	if (brace)
		host = view_skip(host, (size_t)(brace - host.bytes) + 1);
	while (host.size && host.bytes[0] == '.')
		host = view_skip(host, 1);
	struct dname name;
	struct address address;
	if (address_parse(host, &address) == OK)
		return ERR_MALFORMED;
	int r = dname_parse_text(host, &name);
	if (r == OK && name.labels < 2)
		r = ERR_MALFORMED;
	if (r == OK)
		*ret = name;
	return r;
}
