#include "scan/bun_lockb.h"

#include <stdint.h>
#include <string.h>

enum {
	COUNT_AT = 86,
	BEGIN_AT = 110,
	HEADER = 126,
	VERSION_AT = 42,
	VERSION_FIRST = 1,
	VERSION_LAST = 3,
	NAME = 8
};

static uint64_t little(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;
	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

/* The block of all texts: before its description stand where it begins and ends. */
static bool find_texts(struct view bytes, struct view *ret)
{
	static const char title[] = "\n<u8> 1 sizeof, 1 alignof\n";
	const uint8_t *at = memmem(bytes.bytes, bytes.size, title, strlen(title));
	if (!at || at - bytes.bytes < HEADER)
		return false;
	uint64_t begin = little(at - 16, 8), end = little(at - 8, 8);
	if (begin > end || end > bytes.size)
		return false;
	*ret = view_of(bytes.bytes + begin, (size_t)(end - begin));
	return true;
}

int bun_lockb_open(struct view bytes, struct bun_lockb *ret)
{
	static const char magic[] = "#!/usr/bin/env bun\nbun-lockfile-format-v0\n";
	struct bun_lockb b;
	if (bytes.size < HEADER || !view_starts_with(bytes, view_text(magic)))
		return ERR_MALFORMED;
	uint64_t version = little(bytes.bytes + VERSION_AT, 4);
	uint64_t count = little(bytes.bytes + COUNT_AT, 8);
	uint64_t begin = little(bytes.bytes + BEGIN_AT, 8);
	if (version < VERSION_FIRST || version > VERSION_LAST || begin > bytes.size ||
	    count > (bytes.size - begin) / NAME || !find_texts(bytes, &b.texts))
		return ERR_MALFORMED;
	b.names = view_of(bytes.bytes + begin, (size_t)count * NAME);
	*ret = b;
	return OK;
}

static struct view name_of(const struct bun_lockb *b, const uint8_t *name)
{
	static const uint32_t is_elsewhere = UINT32_C(1) << 31;
	uint32_t at = (uint32_t)little(name, 4), size = (uint32_t)little(name + 4, 4);
	if (!(size & is_elsewhere))
		return view_of(name, strnlen((const char *)name, NAME));
	size &= ~is_elsewhere;
	return at <= b->texts.size && size <= b->texts.size - at
	               ? view_of(b->texts.bytes + at, size)
	               : (struct view){0};
}

bool bun_lockb_next(struct bun_lockb *b, struct view *ret)
{
	while (b->names.size) {
		struct view name = name_of(b, b->names.bytes);
		b->names = view_skip(b->names, NAME);
		if (name.size) {
			*ret = name;
			return true;
		}
	}
	return false;
}
