/* tiles.h - how a log's hashes and entries are named and packed as files.
 *
 * What:    pure functions: tile names both ways, and entry bundles.
 * Fails:   ERR_MALFORMED; ERR_TRUNCATED for a bundle that ends inside an entry.
 * Source:  c2sp.org/tlog-tiles. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/reader.h"
#include "record/merkle.h"

enum {
	TILE_ENTRIES = 64, /* the "level" of entry bundles: one past the highest of tiles */
	TILE_NAME_SIZE = 80,
	TILE_ENTRY_SIZE_MAX = 65535,
};

struct tile_name {
	unsigned level; /* 0 to 63, or TILE_ENTRIES */
	uint64_t index;
	unsigned width; /* 1 to 256; 256 is a full tile */
};

/* `tile/0/x001/067`, `tile/entries/000.p/5`. Returns `text`. */
const char *tile_name_print(const struct tile_name *name, char text[static TILE_NAME_SIZE]);
/* Exactly what tile_name_print() can print. */
int tile_name_parse(struct view text, struct tile_name *ret) must_check;

/* How many hashes the tile has in a tree of `size` entries: 0 (none) to 256. For TILE_ENTRIES the
 * number of entries in the bundle. */
unsigned tile_width_at(unsigned level, uint64_t index, uint64_t size);

/* The first of that level that is not full in a tree of `size` entries: it may have no hash yet. */
uint64_t tile_edge_at(unsigned level, uint64_t size);

/* Appends one length-prefixed entry. ERR_LIMIT over TILE_ENTRY_SIZE_MAX. */
int bundle_add(struct buffer *bundle, struct view entry) must_check;
/* Reads the next entry; false at the end, with r->failed when bytes are missing. */
bool bundle_next(struct reader *r, struct view *ret);
