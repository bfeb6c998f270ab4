#include "scan/xml_head.h"

/* What may stand before the outermost element, and how it ends. */
static const struct other {
	const char *begin, *end;
} others[] = {{"<?", "?>"}, {"<!--", "-->"}, {"<!", ">"}};

static const struct other *other_of(struct view v)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (view_starts_with(v, view_text(others[i].begin)))
			return &others[i];
	}
	return NULL;
}

/* A DOCTYPE may have declarations between brackets, which have ends of their own. */
static struct view skip_own(struct view v)
{
	struct view rest = v, before = view_split(&rest, '[');
	if (rest.size == 0 || memchr(before.bytes, '>', before.size))
		return v;
	(void)view_split(&rest, ']');
	return rest;
}

/* Past all of these; empty when one has no end. */
static struct view skip_others(struct view v)
{
	const struct other *o;
	while ((o = other_of(v = view_trim(v)))) {
		struct view end = view_text(o->end);
		v = end.size == 1 ? skip_own(v) : v;
		const uint8_t *at = v.size ? memmem(v.bytes, v.size, end.bytes, end.size) : NULL;
		v = at ? view_skip(v, (size_t)(at - v.bytes) + end.size) : (struct view){0};
	}
	return v;
}

static bool says_utf16(struct view first)
{
	static const char encoding[] = "encoding=";
	if (!view_starts_with(first, view_text("<?xml")))
		return false;
	struct view declaration = view_split(&first, '>');
	const uint8_t *at = memmem(declaration.bytes, declaration.size, encoding, strlen(encoding));
	if (!at)
		return false;
	/* behind the name and a quote */
	struct view value =
		view_skip(declaration, (size_t)(at - declaration.bytes) + strlen(encoding) + 1);
	return value.size >= 6 && view_is_nocase(view_of(value.bytes, 6), "utf-16");
}

bool xml_head_read(struct view first, struct xml_head *ret)
{
	first = view_trim(first);
	struct view rest = skip_others(first);
	if (!view_starts_with(rest, view_text("<")) || !memchr(rest.bytes, '>', rest.size))
		return false;
	rest = view_skip(rest, 1);
	struct view tag = view_split(&rest, '>');
	size_t size = 0;
	while (size < tag.size && !view_is_space(tag.bytes[size]) && tag.bytes[size] != '/')
		size++;
	struct view name = view_of(tag.bytes, size);
	const uint8_t *colon = size ? memchr(tag.bytes, ':', size) : NULL;
	ret->root = colon ? view_skip(name, (size_t)(colon - tag.bytes) + 1) : name;
	ret->attributes = view_skip(tag, size);
	ret->says_utf16 = says_utf16(first);
	return ret->root.size > 0;
}
