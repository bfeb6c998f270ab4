#include "scan/npm_spec.h"

#include <string.h>

#include "scan/text.h"

/* How many bytes of a name with its scope there are: one that begins with @ has a slash in it. */
static size_t name_size(struct view v, const char *ends)
{
	size_t scope = v.size && v.bytes[0] == '@' ? scan_text_until(v, "/") + 1 : 0;
	return scope > v.size ? 0 : scope + scan_text_until(view_skip(v, scope), ends);
}

/* NAME, then what follows one of `ends` until one of `version_ends`. */
static bool split(struct view v, const char *ends, const char *version_ends, struct npm_spec *ret)
{
	size_t size = name_size(v, ends);
	if (size == 0)
		return false;
	struct view version = view_skip(v, size < v.size ? size + 1 : size);
	*ret = (struct npm_spec){view_of(v.bytes, size),
	                         view_of(version.bytes, scan_text_until(version, version_ends))};
	return true;
}

bool npm_spec_parse_alias(struct view value, struct npm_spec *ret)
{
	static const char scheme[] = "npm:";
	value = scan_text_unquote(value);
	if (!view_starts_with(value, view_text(scheme)))
		return false;
	value = view_skip(value, strlen(scheme));
	/* Deno has npm:/NAME, too */
	if (view_starts_with(value, view_text("/")))
		value = view_skip(value, 1);
	return split(value, "@/", "/", ret);
}

bool npm_spec_parse(struct view text, struct npm_spec *ret)
{
	struct npm_spec outer, inner;
	text = scan_text_unquote(text);
	if (!split(text, "@/", "(", &outer) || text.size == outer.name.size ||
	    outer.name.bytes[outer.name.size] != '@')
		return false;
	*ret = outer;
	/* yarn writes every range as npm:RANGE, too, and a range has no @ */
	if (npm_spec_parse_alias(outer.version, &inner))
		*ret = memchr(outer.version.bytes, '@', outer.version.size)
		               ? inner
		               : (struct npm_spec){outer.name, inner.name};
	return true;
}

bool npm_spec_parse_pnpm(struct view key, struct npm_spec *ret)
{
	struct npm_spec spec;
	key = scan_text_unquote(key);
	if (key.size && key.bytes[0] == '/')
		key = view_skip(key, 1);
	if (!split(key, "@/", "_(/", &spec) || spec.version.size == 0)
		return false;
	*ret = spec;
	return true;
}
