/* Inodes, and the entries of folders. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "scan/squashfs_private.h"

static size_t size_of(uint16_t type)
{
	switch (type) {
	case SQFS_INODE_DIR: return sizeof(sqfs_inode_dir_t);
	case SQFS_INODE_EXT_DIR: return sizeof(sqfs_inode_dir_ext_t);
	case SQFS_INODE_FILE: return sizeof(sqfs_inode_file_t);
	case SQFS_INODE_EXT_FILE: return sizeof(sqfs_inode_file_ext_t);
	default: return 0;
	}
}

int squashfs_inode_look(struct squashfs *q, uint64_t inode, sqfs_inode_t *ret_base,
                        union squashfs_inode_rest *ret)
{
	sqfs_inode_t base;
	union squashfs_inode_rest rest;
	uint64_t block = inode >> 16;
	if (block > UINT64_MAX - q->super.inode_table_start)
		return ERR_MALFORMED;
	int code = q->functions.seek(q->inodes, q->super.inode_table_start + block, inode & 0xffff);
	if (code == 0)
		code = q->functions.read(q->inodes, &base, sizeof(base));
	if (code < 0)
		return squashfs_problem(code);
	base.type = le16toh(base.type);
	size_t size = size_of(base.type);
	if (size == 0)
		return ERR_MALFORMED;
	code = q->functions.read(q->inodes, &rest, size);
	if (code == 0) {
		*ret_base = base;
		*ret = rest;
	}
	return squashfs_problem(code);
}

int squashfs_folder_open(struct squashfs *q, uint64_t inode, struct squashfs_folder *ret)
{
	sqfs_inode_generic_t whole = {0};
	union squashfs_inode_rest rest;
	int code = squashfs_inode_look(q, inode, &whole.base, &rest);
	if (code < 0)
		return code;
	if (whole.base.type == SQFS_INODE_DIR) {
		whole.data.dir.start_block = le32toh(rest.folder.start_block);
		whole.data.dir.offset = le16toh(rest.folder.offset);
		whole.data.dir.size = le16toh(rest.folder.size);
	} else if (whole.base.type == SQFS_INODE_EXT_DIR) {
		whole.data.dir_ext.start_block = le32toh(rest.large_folder.start_block);
		whole.data.dir_ext.offset = le16toh(rest.large_folder.offset);
		whole.data.dir_ext.size = le32toh(rest.large_folder.size);
	} else {
		return ERR_MALFORMED;
	}
	return squashfs_problem(q->functions.begin_folder(&ret->state, &q->super, &whole));
}

/* One part of a path. */
static bool is_name(const char *name, size_t size)
{
	return size <= SQUASHFS_NAME_MAX && strlen(name) == size && !memchr(name, '/', size) &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int squashfs_folder_next(struct squashfs *q, struct squashfs_folder *folder,
                         struct squashfs_entry *ret)
{
	uint64_t inode;
	cleanup(free) sqfs_dir_entry_t *e = NULL;
	int code = q->functions.next_entry(q->folders, &folder->state, &e, NULL, &inode);
	if (code > 0)
		return 0;
	if (code < 0)
		return squashfs_problem(code);
	size_t size = (size_t)e->size + 1;
	const char *name = (const char *)e->name;
	/* the library ends it with a zero */
	if (!is_name(name, size))
		return ERR_MALFORMED;
	memcpy(ret->name, name, size + 1);
	ret->type = e->type == SQFS_INODE_DIR    ? SQUASHFS_FOLDER
	            : e->type == SQFS_INODE_FILE ? SQUASHFS_FILE
	                                         : SQUASHFS_OTHER;
	ret->inode = inode;
	return 1;
}

int squashfs_folder_find(struct squashfs *q, uint64_t folder, const char *name, uint64_t *ret_inode)
{
	struct squashfs_folder f;
	struct squashfs_entry e;
	int code = squashfs_folder_open(q, folder, &f);
	if (code < 0)
		return code;
	for (size_t i = 0; i < SQUASHFS_SOUGHT_MAX; i++) {
		code = squashfs_folder_next(q, &f, &e);
		if (code <= 0)
			return code < 0 ? code : ERR_MISSING;
		if (e.type == SQUASHFS_FILE && strcmp(e.name, name) == 0) {
			*ret_inode = e.inode;
			return OK;
		}
	}
	return ERR_LIMIT;
}
