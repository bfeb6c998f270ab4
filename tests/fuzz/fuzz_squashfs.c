/* Any image of files: its folders come to an end within bounds, names are parts of paths, files give what they say or fail. */
#include <stdlib.h>
#include <string.h>

#include "scan/squashfs.h"
#include "tests/fuzz/check.h"

enum { DEPTH_MAX = 4, ENTRIES_MAX = 200, READ_MAX = 300 * 1024 };

struct reading {
	struct squashfs *image;
	size_t entries;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_file(struct reading *r, uint64_t inode)
{
	struct squashfs_file f;
	if (squashfs_file_open(r->image, inode, &f) != OK)
		return;
	struct byte_source b = squashfs_file_source(&f);
	size_t part = b.size < READ_MAX ? (size_t)b.size : READ_MAX;
	uint8_t *to = malloc(part + 1);
	CHECK(to);
	/* the end first: a reader may go back */
	uint64_t end = b.size - part;
	int last = byte_source_read(&b, end, to, part);
	int first = byte_source_read(&b, 0, to, part);
	CHECK(last <= 0 && first <= 0);
	free(to);
	squashfs_file_close(&f);
}

static void read_folder(struct reading *r, uint64_t inode, size_t depth)
{
	struct squashfs_folder folder;
	struct squashfs_entry e;
	if (depth == DEPTH_MAX || squashfs_folder_open(r->image, inode, &folder) != OK)
		return;
	while (r->entries++ < ENTRIES_MAX && squashfs_folder_next(r->image, &folder, &e) > 0) {
		CHECK(strlen(e.name) > 0 && strlen(e.name) <= SQUASHFS_NAME_MAX);
		CHECK(!strchr(e.name, '/') && strcmp(e.name, "..") != 0 &&
		      strcmp(e.name, ".") != 0);
		if (e.type == SQUASHFS_FOLDER)
			read_folder(r, e.inode, depth + 1);
		else if (e.type == SQUASHFS_FILE)
			read_file(r, e.inode);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct byte_source b = byte_source_of_memory(view_of(bytes, size));
	struct reading r = {0};
	if (squashfs_open(&b, 0, &r.image) != OK)
		return 0;
	read_folder(&r, squashfs_root(r.image), 0);
	squashfs_close(r.image);
	return 0;
}
