#include "record/verify_tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "record/directory.h"
#include "record/tile_file.h"

void verify_tiles_done(struct verify_tiles *v)
{
	buffer_done(&v->bundle);
	buffer_done(&v->file);
}

/* What the first `width` parts of the tile are, as bytes. */
static struct view expected(const struct verify_tiles *v, unsigned level,
                            const struct merkle_hash *hashes, unsigned width)
{
	return level == TILE_ENTRIES ? view_of(v->bundle.bytes, v->offsets[width])
	                             : view_of(hashes, width * HASH_SIZE);
}

static size_t first_difference(struct view a, struct view b)
{
	size_t at = 0;
	while (at < a.size && at < b.size && a.bytes[at] == b.bytes[at])
		at++;
	return at;
}

/* The number of the entry that the byte of a tile or bundle belongs to; -1 above the lowest level. */
static int64_t entry_at(const struct verify_tiles *v, const struct tile_name *name, size_t offset)
{
	unsigned at = 0;
	if (name->level == 0)
		at = (unsigned)(offset / HASH_SIZE);
	else if (name->level != TILE_ENTRIES)
		return -1;
	else
		while (at + 1 < name->width && v->offsets[at + 1] <= offset)
			at++;
	return (int64_t)(name->index * TILE_WIDTH + at);
}

static int read_file(struct verify_tiles *v, const char *path)
{
	return directory_read(v->directory_fd, path, TILE_BUNDLE_SIZE_MAX, &v->file);
}

static int compare(struct verify_tiles *v, const struct tile_name *name,
                   const struct merkle_hash *hashes)
{
	char path[TILE_NAME_SIZE], what[160];
	struct view want = expected(v, name->level, hashes, name->width);
	struct view have = buffer_view(&v->file);
	(void)tile_name_print(name, path);
	if (view_equal(have, want))
		return OK;
	size_t at = first_difference(have, want);
	if (at == have.size || at == want.size)
		(void)snprintf(what, sizeof(what), "has %zu bytes where %zu belong", have.size,
		               want.size);
	else if (name->level == TILE_ENTRIES)
		(void)snprintf(what, sizeof(what), "differs from what the log holds elsewhere");
	else
		(void)snprintf(what, sizeof(what),
		               "differs from the hash recomputed from the entries");
	return v->fail(v->context, path, entry_at(v, name, at), (int64_t)at, what);
}

/* Reads and compares one file. 1: compared, 0: there is none. */
static int compare_if_there(struct verify_tiles *v, const struct tile_name *name,
                            const struct merkle_hash *hashes)
{
	char path[TILE_NAME_SIZE];
	int err = read_file(v, tile_name_print(name, path));
	if (err == -ENOENT || err == -ENOTDIR)
		return 0;
	if (err == ERR_LIMIT || err == -EINVAL || err == -ELOOP)
		return v->fail(v->context, path, -1, -1, "is not a file of this kind");
	if (err == OK)
		err = compare(v, name, hashes);
	return err < 0 ? err : 1;
}

static bool has_partials(const struct verify_tiles *v, struct tile_name name)
{
	char path[TILE_NAME_SIZE + 2];
	struct stat st;
	name.width = TILE_WIDTH;
	(void)tile_name_print(&name, path);
	memcpy(path + strlen(path), ".p", sizeof(".p"));
	return fstatat(v->directory_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Compares every file of a tile of which `width` parts are known. */
static int compare_all(struct verify_tiles *v, unsigned level, uint64_t index, unsigned width,
                       const struct merkle_hash *hashes)
{
	struct tile_name name = {.level = level, .index = index, .width = TILE_WIDTH};
	unsigned must = tile_width_at(level, index, v->checkpoint_size);
	bool is_full = false, found = false;
	char path[TILE_NAME_SIZE];
	if (width == TILE_WIDTH) {
		int got = compare_if_there(v, &name, hashes);
		if (got < 0)
			return got;
		is_full = got > 0;
		v->leftovers += is_full && must < TILE_WIDTH;
	}
	unsigned last = has_partials(v, name) ? width : 0;
	for (name.width = 1; name.width <= last && name.width < TILE_WIDTH; name.width++) {
		int got = compare_if_there(v, &name, hashes);
		if (got < 0)
			return got;
		found = found || (got && name.width == must);
		v->leftovers += got && name.width != must;
	}
	name.width = must;
	if (must && !is_full && !found)
		return v->fail(v->context, tile_name_print(&name, path), -1, -1, "is missing");
	return OK;
}

static int compare_full(void *context, unsigned level, uint64_t index,
                        const struct merkle_hash hashes[static TILE_WIDTH])
{
	struct verify_tiles *v = context;
	int err = OK;
	if (level == 0) {
		err = compare_all(v, TILE_ENTRIES, index, TILE_WIDTH, NULL);
		v->bundle.size = 0;
	}
	return err < 0 ? err : compare_all(v, level, index, TILE_WIDTH, hashes);
}

int verify_tiles_add(struct verify_tiles *v, struct view entry)
{
	struct merkle_hash leaf = merkle_leaf(entry);
	unsigned at = v->edge.width[0];
	int err = bundle_add(&v->bundle, entry);
	if (err < 0 || v->bundle.failed)
		return err < 0 ? err : -ENOMEM;
	v->offsets[at + 1] = v->bundle.size;
	return edge_add(&v->edge, &leaf, compare_full, v);
}

/* At the checkpoint only the lowest levels' missing files could be hidden by later entries, which the
 * comparison at the end finds as well; what is needed here is the root, which the caller compares. */
int verify_tiles_at_checkpoint(struct verify_tiles *v)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name name = {level, tile_edge_at(level, v->edge.size),
		                         v->edge.width[level]};
		if (name.width == 0)
			continue;
		int got = compare_if_there(v, &name, v->edge.hashes[level]);
		if (got < 0)
			return got;
	}
	return OK;
}

int verify_tiles_at_end(struct verify_tiles *v)
{
	int err = OK;
	if (v->edge.width[0])
		err = compare_all(v, TILE_ENTRIES, tile_edge_at(0, v->edge.size), v->edge.width[0],
		                  NULL);
	for (unsigned level = 0; err == OK && level < TILE_LEVELS; level++) {
		if (v->edge.width[level])
			err = compare_all(v, level, tile_edge_at(level, v->edge.size),
			                  v->edge.width[level], v->edge.hashes[level]);
	}
	return err;
}

bool verify_tiles_knows(const struct verify_tiles *v, const struct tile_name *name)
{
	return name->width <= tile_width_at(name->level, name->index, v->edge.size);
}
