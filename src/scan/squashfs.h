/* squashfs.h - an image of files of the form squashfs, as snaps and AppImages are, read within bounds.
 *
 * What:    libsquashfs reads what describes the files, and unpacks; opened when there is an image to read
 *          (net/library.h). For LZO, which it leaves out, liblzo2; for XZ liblzma, with memory that is wiped. The size of
 *          an inode is looked at before the library makes room for it. Blocks of files are read here, so that their bytes
 *          are wiped. Links are not followed.
 * Owns:    squashfs_close() after squashfs_file_close() of all files. The source must live as long.
 * Fails:   ERR_INVALID: no such image; ERR_VERSION: of a form that is not known; ERR_DENIED: there is no library for it on
 *          this machine; ERR_MALFORMED: it is damaged; ERR_LIMIT; -errno.
 * Limits:  a table of SQUASHFS_FRAGMENTS_MAX blocks with ends of files, SQUASHFS_BLOCKS_MAX blocks a file; SQUASHFS_SOUGHT_MAX
 *          entries of a folder in which a name is looked for; SQUASHFS_UNPACKED_MAX bytes that are unpacked and given out of all
 *          its files, squashfs_is_spent() after that.
 * Threads: one an image.
 * Source:  the kernel's Documentation/filesystems/squashfs.rst. */
#pragma once

#include <sqfs/meta_reader.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "scan/byte_source.h"

enum {
	SQUASHFS_FRAGMENTS_MAX = 1 << 20,
	SQUASHFS_BLOCKS_MAX = 1 << 20,
	SQUASHFS_SOUGHT_MAX = 100000,
	SQUASHFS_NAME_MAX = 256,
};
#define SQUASHFS_UNPACKED_MAX (UINT64_C(4) << 30)

struct squashfs;

enum squashfs_type { SQUASHFS_OTHER, SQUASHFS_FOLDER, SQUASHFS_FILE };

struct squashfs_entry {
	char name[SQUASHFS_NAME_MAX + 1]; /* one part of a path, and never `.` or `..` */
	enum squashfs_type type;
	uint64_t inode;
};

struct squashfs_folder {
	sqfs_readdir_state_t state;
};

/* Where it is read stands still between two reads: a file is read onward. */
struct squashfs_file {
	struct squashfs *image;
	sqfs_inode_generic_t *inode;
	uint64_t size, block_at; /* of the block `block` */
	size_t block;
};

/* The image begins at that place of the source. */
int squashfs_open(const struct byte_source *b, uint64_t at, struct squashfs **ret) must_check;
void squashfs_close(struct squashfs *q);
DEFINE_CLEANUP(squashfs, struct squashfs *, squashfs_close);
bool squashfs_is_spent(const struct squashfs *q);

uint64_t squashfs_root(const struct squashfs *q);
int squashfs_folder_open(struct squashfs *q, uint64_t inode,
                         struct squashfs_folder *ret) must_check;
/* 1: there is one; 0: there are no more. After a failure there is nothing more to be read in that folder. */
int squashfs_folder_next(struct squashfs *q, struct squashfs_folder *folder,
                         struct squashfs_entry *ret) must_check;
/* The inode of a file in that folder. ERR_MISSING: there is none of that name. */
int squashfs_folder_find(struct squashfs *q, uint64_t folder, const char *name,
                         uint64_t *ret_inode) must_check;

int squashfs_file_open(struct squashfs *q, uint64_t inode, struct squashfs_file *ret) must_check;
void squashfs_file_close(struct squashfs_file *f);
/* Good as long as the file is open, and stands where it is. */
struct byte_source squashfs_file_source(struct squashfs_file *f);
