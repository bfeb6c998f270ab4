#include "record/tiles.h"

#include <inttypes.h>
#include <stdio.h>

#include "record/number.h"

enum { LEVEL_MAX = 63, GROUPS_MAX = 7 /* three digits each: any 64-bit index */ };

const char *tile_name_print(const struct tile_name *name, char text[static TILE_NAME_SIZE])
{
	uint64_t groups[GROUPS_MAX];
	int count = 0, at;
	uint64_t left = name->index;
	do {
		groups[count++] = left % 1000;
		left /= 1000;
	} while (left);
	at = name->level == TILE_ENTRIES ? snprintf(text, TILE_NAME_SIZE, "tile/entries")
	                                 : snprintf(text, TILE_NAME_SIZE, "tile/%u", name->level);
	while (count--)
		at += snprintf(text + at, TILE_NAME_SIZE - (size_t)at,
		               count ? "/x%03" PRIu64 : "/%03" PRIu64, groups[count]);
	if (name->width < TILE_WIDTH)
		(void)snprintf(text + at, TILE_NAME_SIZE - (size_t)at, ".p/%u", name->width);
	return text;
}

static bool parse_level(struct view text, unsigned *ret)
{
	uint64_t level;
	if (view_is(text, "entries"))
		level = TILE_ENTRIES;
	else if (!number_parse(text, &level) || level > LEVEL_MAX)
		return false;
	*ret = (unsigned)level;
	return true;
}

/* Adds three digits to the index. */
static bool parse_group(struct view digits, uint64_t *index)
{
	if (digits.size != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		uint8_t c = digits.bytes[i];
		if (c < '0' || c > '9' || __builtin_mul_overflow(*index, 10, index) ||
		    __builtin_add_overflow(*index, (uint64_t)(c - '0'), index))
			return false;
	}
	return true;
}

/* The last group, with ".p/W" behind it for a partial tile. */
static bool parse_last(struct view part, struct view rest, struct tile_name *name)
{
	uint64_t width = TILE_WIDTH;
	if (part.size == 5 && view_is(view_skip(part, 3), ".p")) {
		if (!number_parse(rest, &width) || width == 0 || width >= TILE_WIDTH)
			return false;
		part.size = 3;
	} else if (rest.bytes) {
		return false;
	}
	name->width = (unsigned)width;
	return parse_group(part, &name->index);
}

int tile_name_parse(struct view text, struct tile_name *ret)
{
	struct tile_name name = {0};
	char again[TILE_NAME_SIZE];
	struct view rest = text;
	if (!view_is(view_split(&rest, '/'), "tile") ||
	    !parse_level(view_split(&rest, '/'), &name.level))
		return ERR_MALFORMED;
	struct view part = view_split(&rest, '/');
	for (; part.size && part.bytes[0] == 'x'; part = view_split(&rest, '/')) {
		if (!parse_group(view_skip(part, 1), &name.index))
			return ERR_MALFORMED;
	}
	if (!parse_last(part, rest, &name))
		return ERR_MALFORMED;
	/* a superfluous "x000" is another name for the same tile */
	if (!view_is(text, tile_name_print(&name, again)))
		return ERR_MALFORMED;
	*ret = name;
	return OK;
}

unsigned tile_width_at(unsigned level, uint64_t index, uint64_t size)
{
	if (level == TILE_ENTRIES)
		level = 0;
	if (level >= TILE_LEVELS)
		return 0;
	uint64_t hashes = size >> 8 * level;
	uint64_t full = hashes / TILE_WIDTH;
	return index < full ? TILE_WIDTH : index == full ? (unsigned)(hashes % TILE_WIDTH) : 0;
}

uint64_t tile_edge_at(unsigned level, uint64_t size)
{
	return level + 1 < TILE_LEVELS ? size >> 8 * (level + 1) : 0;
}

int bundle_add(struct buffer *bundle, struct view entry)
{
	if (entry.size > TILE_ENTRY_SIZE_MAX)
		return ERR_LIMIT;
	uint8_t size[2] = {(uint8_t)(entry.size >> 8), (uint8_t)entry.size};
	buffer_add(bundle, size, sizeof(size));
	buffer_add_view(bundle, entry);
	return OK;
}

bool bundle_next(struct reader *r, struct view *ret)
{
	if (r->failed || reader_left(r) == 0)
		return false;
	uint16_t size = read_u16(r);
	struct view entry = read_view(r, size);
	if (r->failed)
		return false;
	*ret = entry;
	return true;
}
