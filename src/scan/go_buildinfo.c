#include "scan/go_buildinfo.h"

enum { FLAGS_AT = 15, FLAG_INLINE = 2, SENTINEL = 16 };

static int read_text(struct view *bytes, struct view *ret)
{
	uint64_t size = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		if (bytes->size == 0)
			return ERR_MALFORMED;
		uint8_t c = bytes->bytes[0];
		*bytes = view_skip(*bytes, 1);
		size |= (uint64_t)(c & 0x7f) << shift;
		if (c & 0x80)
			continue;
		if (size > bytes->size)
			return ERR_MALFORMED;
		*ret = view_of(bytes->bytes, size);
		*bytes = view_skip(*bytes, size);
		return OK;
	}
	return ERR_MALFORMED;
}

int go_buildinfo_modules(struct view bytes, struct view *ret)
{
	static const char magic[] = "\xff Go buildinf:";
	struct view version, modules;
	if (bytes.size < GO_BUILDINFO_HEADER || !view_starts_with(bytes, view_text(magic)) ||
	    !(bytes.bytes[FLAGS_AT] & FLAG_INLINE))
		return ERR_MISSING;
	bytes = view_skip(bytes, GO_BUILDINFO_HEADER);
	if (read_text(&bytes, &version) < 0 || read_text(&bytes, &modules) < 0)
		return ERR_MALFORMED;
	if (modules.size < 2 * SENTINEL)
		return ERR_MISSING;
	*ret = view_of(modules.bytes + SENTINEL, modules.size - 2 * SENTINEL);
	return OK;
}

bool go_buildinfo_next(struct view *text, struct view *ret_path, struct view *ret_version)
{
	while (text->size) {
		struct view line = view_split(text, '\n'), kind = view_split(&line, '\t');
		if (!view_is(kind, "path") && !view_is(kind, "mod") && !view_is(kind, "dep") &&
		    !view_is(kind, "=>"))
			continue;
		*ret_path = view_split(&line, '\t');
		*ret_version = view_split(&line, '\t');
		if (ret_path->size)
			return true;
	}
	return false;
}
