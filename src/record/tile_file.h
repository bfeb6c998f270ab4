/* tile_file.h - reads tiles and bundles of a log directory, whether they are partial or full by now.
 *
 * Fails:   ERR_MISSING when neither file is there, ERR_TRUNCATED, ERR_MALFORMED for a wrong size. */
#pragma once

#include "base/buffer.h"
#include "record/merkle.h"

enum { TILE_BUNDLE_SIZE_MAX = TILE_WIDTH * (2 + 65535) };

/* Reads the first `width` hashes of the tile. */
int tile_file_hashes(int directory_fd, unsigned level, uint64_t index, unsigned width,
                     struct merkle_hash *ret) must_check;
/* Reads the first `width` entries of the bundle; replaces what `out` holds. */
int tile_file_bundle(int directory_fd, uint64_t index, unsigned width,
                     struct buffer *out) must_check;
