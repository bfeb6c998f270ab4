/* squashfs_private.h - for the files of squashfs.h only. */
#pragma once

#include <sqfs/block.h>
#include <sqfs/compressor.h>
#include <sqfs/dir.h>
#include <sqfs/error.h>
#include <sqfs/frag_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/super.h>

#include "scan/squashfs.h"

/* The types are libsquashfs's own. */
struct squashfs_functions {
	__typeof__(&sqfs_super_read) read_super;
	__typeof__(&sqfs_compressor_config_init) init_packing;
	__typeof__(&sqfs_compressor_create) new_packing;
	__typeof__(&sqfs_frag_table_create) new_fragments;
	__typeof__(&sqfs_frag_table_read) read_fragments;
	__typeof__(&sqfs_frag_table_lookup) find_fragment;
	__typeof__(&sqfs_meta_reader_create) new_meta;
	__typeof__(&sqfs_meta_reader_seek) seek;
	__typeof__(&sqfs_meta_reader_read) read;
	__typeof__(&sqfs_meta_reader_read_inode) read_inode;
	__typeof__(&sqfs_readdir_state_init) begin_folder;
	__typeof__(&sqfs_meta_reader_readdir) next_entry;
};

/* One that was unpacked, kept for the next reading. */
struct squashfs_block {
	uint8_t *bytes;
	uint64_t at;
	uint32_t word, size; /* as it stands in the image; how much it holds */
	bool is_there;
};

struct squashfs {
	struct squashfs_functions functions;
	struct {
		sqfs_file_t base; /* the library's way to the source */
		struct byte_source source;
		uint64_t at;
	} file;
	sqfs_super_t super;
	sqfs_compressor_t *packing;
	sqfs_meta_reader_t *inodes, *folders;
	sqfs_frag_table_t *fragments;
	uint8_t *packed;
	struct squashfs_block block, fragment;
	uint64_t unpacked;
};

/* What the library calls a failure, in our words. */
int squashfs_problem(int code) must_check;
/* The part of an inode that all have, and, by its type, what follows: before anything makes room for it. */
union squashfs_inode_rest {
	sqfs_inode_dir_t folder;
	sqfs_inode_dir_ext_t large_folder;
	sqfs_inode_file_t file;
	sqfs_inode_file_ext_t large_file;
};
int squashfs_inode_look(struct squashfs *q, uint64_t inode, sqfs_inode_t *ret_base,
                        union squashfs_inode_rest *ret) must_check;
/* An unpacker in the form of the library's own. It has none for LZO, for its licence; that for XZ leaves what it has
 * unpacked in memory, ours wipes it. ERR_MISSING: for this packing the library's serves; ERR_DENIED: what it needs,
 * liblzo2 or liblzma, is not there. */
int squashfs_unpacker_new(uint16_t id, sqfs_compressor_t **ret) must_check;
