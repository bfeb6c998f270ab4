/* The bytes of files: whole blocks of their own, and an end that lies in a block with those of others. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "scan/squashfs_private.h"

int squashfs_file_open(struct squashfs *q, uint64_t inode, struct squashfs_file *ret)
{
	sqfs_inode_t base;
	union squashfs_inode_rest rest;
	sqfs_inode_generic_t *whole;
	uint64_t size;
	int code = squashfs_inode_look(q, inode, &base, &rest);
	if (code < 0)
		return code;
	if (base.type == SQFS_INODE_FILE)
		size = le32toh(rest.file.file_size);
	else if (base.type == SQFS_INODE_EXT_FILE)
		size = le64toh(rest.large_file.file_size);
	else
		return ERR_MALFORMED;
	if (size / q->super.block_size > SQUASHFS_BLOCKS_MAX)
		return ERR_LIMIT;
	code = q->functions.read_inode(q->inodes, &q->super, inode >> 16, inode & 0xffff, &whole);
	if (code < 0)
		return squashfs_problem(code);
	bool is_large = whole->base.type == SQFS_INODE_EXT_FILE;
	*ret = (struct squashfs_file){.image = q,
	                              .inode = whole,
	                              .size = size,
	                              .block_at = is_large ? whole->data.file_ext.blocks_start
	                                                   : whole->data.file.blocks_start};
	return OK;
}

void squashfs_file_close(struct squashfs_file *f)
{
	free(f->inode);
	f->inode = NULL;
}

static size_t block_count(const struct squashfs_file *f)
{
	return f->inode->payload_bytes_used / sizeof(f->inode->extra[0]);
}

static uint64_t first_block(const struct squashfs_file *f)
{
	return f->inode->base.type == SQFS_INODE_EXT_FILE ? f->inode->data.file_ext.blocks_start
	                                                  : f->inode->data.file.blocks_start;
}

static int unpack(struct squashfs *q, struct squashfs_block *b, uint64_t at, uint32_t word)
{
	uint32_t size = SQFS_ON_DISK_BLOCK_SIZE(word), max = q->super.block_size;
	bool is_packed = SQFS_IS_BLOCK_COMPRESSED(word);
	if (size > max)
		return ERR_MALFORMED;
	int got = q->file.base.read_at(&q->file.base, at, is_packed ? q->packed : b->bytes, size);
	if (got < 0)
		return squashfs_problem(got);
	got = is_packed ? q->packing->do_block(q->packing, q->packed, size, b->bytes, max)
	                : (int)size;
	if (got <= 0)
		return ERR_MALFORMED;
	b->size = (uint32_t)got;
	q->unpacked += size + b->size;
	return OK;
}

/* That block, unpacked; of the two that are kept, the one for such blocks. */
static int load(struct squashfs *q, struct squashfs_block *b, uint64_t at, uint32_t word)
{
	if (b->is_there && b->at == at && b->word == word)
		return OK;
	b->is_there = false;
	int code = unpack(q, b, at, word);
	if (code < 0)
		return code;
	b->is_there = true;
	b->at = at;
	b->word = word;
	return OK;
}

/* Moves to that block: only sizes are known, so places are sums. */
static void move_to(struct squashfs_file *f, size_t block)
{
	if (block < f->block) {
		f->block = 0;
		f->block_at = first_block(f);
	}
	while (f->block < block)
		f->block_at += SQFS_ON_DISK_BLOCK_SIZE(f->inode->extra[f->block++]);
}

/* What a part of a file is copied from. */
static int find_part(struct squashfs_file *f, size_t block, size_t *ret_begin,
                     struct squashfs_block **ret)
{
	struct squashfs *q = f->image;
	bool is_large = f->inode->base.type == SQFS_INODE_EXT_FILE;
	sqfs_fragment_t fragment;
	if (block < block_count(f)) {
		uint32_t word = f->inode->extra[block];
		move_to(f, block);
		*ret_begin = 0;
		*ret = &q->block;
		return load(q, &q->block, f->block_at, word);
	}
	uint32_t index = is_large ? f->inode->data.file_ext.fragment_idx
	                          : f->inode->data.file.fragment_index;
	int code = q->functions.find_fragment(q->fragments, index, &fragment);
	if (code < 0 || block > block_count(f))
		return ERR_MALFORMED;
	*ret_begin = is_large ? f->inode->data.file_ext.fragment_offset
	                      : f->inode->data.file.fragment_offset;
	*ret = &q->fragment;
	return load(q, &q->fragment, fragment.start_offset, fragment.size);
}

static int read_part(struct squashfs_file *f, uint64_t at, uint8_t *to, size_t size)
{
	struct squashfs_block *b;
	size_t begin, block = at / f->image->super.block_size;
	size_t inside = at % f->image->super.block_size;
	if (squashfs_is_spent(f->image))
		return ERR_LIMIT;
	f->image->unpacked += size;
	if (block < block_count(f) && SQFS_IS_SPARSE_BLOCK(f->inode->extra[block])) {
		memset(to, 0, size);
		return OK;
	}
	int code = find_part(f, block, &begin, &b);
	if (code < 0)
		return code;
	if (begin > b->size || inside > b->size - begin || size > b->size - begin - inside)
		return ERR_MALFORMED;
	memcpy(to, b->bytes + begin + inside, size);
	return OK;
}

static int read_file(const struct byte_source *b, uint64_t at, void *to, size_t size)
{
	struct squashfs_file *f = b->of;
	size_t max = f->image->super.block_size;
	uint8_t *next = to;
	int code = OK;
	while (size && code == OK) {
		size_t part = max - at % max;
		part = part < size ? part : size;
		code = read_part(f, at, next, part);
		at += part;
		next += part;
		size -= part;
	}
	return code;
}

struct byte_source squashfs_file_source(struct squashfs_file *f)
{
	return (struct byte_source){.read = read_file, .size = f->size, .fd = -1, .of = f};
}
