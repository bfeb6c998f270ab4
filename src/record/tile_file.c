#include "record/tile_file.h"

#include <errno.h>

#include "record/directory.h"
#include "record/tiles.h"

static int read_either(int directory_fd, struct tile_name name, size_t size_max, struct buffer *out,
                       unsigned *ret_width)
{
	char path[TILE_NAME_SIZE];
	int err = directory_read(directory_fd, tile_name_print(&name, path), size_max, out);
	if (err == -ENOENT && name.width < TILE_WIDTH) {
		name.width = TILE_WIDTH;
		err = directory_read(directory_fd, tile_name_print(&name, path), size_max, out);
	}
	*ret_width = name.width;
	return err == -ENOENT ? ERR_MISSING : err;
}

int tile_file_hashes(int directory_fd, unsigned level, uint64_t index, unsigned width,
                     struct merkle_hash *ret)
{
	struct buffer bytes = {0};
	struct tile_name name = {.level = level, .index = index, .width = width};
	unsigned got;
	int err = read_either(directory_fd, name, TILE_WIDTH * HASH_SIZE, &bytes, &got);
	if (err == OK && bytes.size != (size_t)got * HASH_SIZE)
		err = ERR_MALFORMED;
	if (err == OK)
		memcpy(ret, bytes.bytes, (size_t)width * HASH_SIZE);
	buffer_done(&bytes);
	return err;
}

int tile_file_bundle(int directory_fd, uint64_t index, unsigned width, struct buffer *out)
{
	struct tile_name name = {.level = TILE_ENTRIES, .index = index, .width = width};
	struct view entry;
	unsigned got;
	int err = read_either(directory_fd, name, TILE_BUNDLE_SIZE_MAX, out, &got);
	if (err < 0)
		return err;
	struct reader r = reader_open(out->bytes, out->size);
	for (unsigned i = 0; i < width; i++) {
		if (!bundle_next(&r, &entry))
			return ERR_TRUNCATED;
	}
	if (got == width && reader_left(&r) > 0)
		return ERR_MALFORMED;
	out->size -= reader_left(&r);
	return OK;
}
