#include "scan/squashfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/library.h"
#include "scan/squashfs_private.h"

static const struct library_symbol symbols[] = {
	{"sqfs_super_read", offsetof(struct squashfs_functions, read_super)},
	{"sqfs_compressor_config_init", offsetof(struct squashfs_functions, init_packing)},
	{"sqfs_compressor_create", offsetof(struct squashfs_functions, new_packing)},
	{"sqfs_frag_table_create", offsetof(struct squashfs_functions, new_fragments)},
	{"sqfs_frag_table_read", offsetof(struct squashfs_functions, read_fragments)},
	{"sqfs_frag_table_lookup", offsetof(struct squashfs_functions, find_fragment)},
	{"sqfs_meta_reader_create", offsetof(struct squashfs_functions, new_meta)},
	{"sqfs_meta_reader_seek", offsetof(struct squashfs_functions, seek)},
	{"sqfs_meta_reader_read", offsetof(struct squashfs_functions, read)},
	{"sqfs_meta_reader_read_inode", offsetof(struct squashfs_functions, read_inode)},
	{"sqfs_readdir_state_init", offsetof(struct squashfs_functions, begin_folder)},
	{"sqfs_meta_reader_readdir", offsetof(struct squashfs_functions, next_entry)},
};

static const struct {
	int theirs, ours;
} problems[] = {
	{SQFS_ERROR_ALLOC, -ENOMEM},           {SQFS_ERROR_IO, -EIO},
	{SFQS_ERROR_SUPER_MAGIC, ERR_INVALID}, {SFQS_ERROR_SUPER_VERSION, ERR_VERSION},
	{SQFS_ERROR_UNSUPPORTED, ERR_VERSION},
};

int squashfs_problem(int code)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(*problems); i++) {
		if (code == problems[i].theirs)
			return problems[i].ours;
	}
	return code < 0 ? ERR_MALFORMED : OK;
}

static int read_at(sqfs_file_t *file, sqfs_u64 at, void *to, size_t size)
{
	const struct squashfs *q = (const struct squashfs *)((const char *)file -
	                                                     offsetof(struct squashfs, file.base));
	if (at > UINT64_MAX - q->file.at)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	int code = byte_source_read(&q->file.source, q->file.at + at, to, size);
	return code == OK ? 0 : code == ERR_TRUNCATED ? SQFS_ERROR_OUT_OF_BOUNDS : SQFS_ERROR_IO;
}

static int open_packing(struct squashfs *q)
{
	sqfs_compressor_config_t c;
	int code = squashfs_unpacker_new(q->super.compression_id, &q->packing);
	if (code != ERR_MISSING)
		return code;
	code = q->functions.init_packing(&c, (SQFS_COMPRESSOR)q->super.compression_id,
	                                 q->super.block_size, SQFS_COMP_FLAG_UNCOMPRESS);
	if (code == 0)
		code = q->functions.new_packing(&c, &q->packing);
	return squashfs_problem(code);
}

/* Where folders end: at the table that follows first. */
static uint64_t end_of_folders(const sqfs_super_t *s)
{
	uint64_t end = s->id_table_start;
	if (s->fragment_table_start < end)
		end = s->fragment_table_start;
	return s->export_table_start < end ? s->export_table_start : end;
}

static int open_tables(struct squashfs *q)
{
	const sqfs_super_t *s = &q->super;
	if (s->fragment_entry_count > SQUASHFS_FRAGMENTS_MAX)
		return ERR_LIMIT;
	q->inodes = q->functions.new_meta(&q->file.base, q->packing, s->inode_table_start,
	                                  s->directory_table_start);
	q->folders = q->functions.new_meta(&q->file.base, q->packing, s->directory_table_start,
	                                   end_of_folders(s));
	q->fragments = q->functions.new_fragments(0);
	q->packed = malloc(s->block_size);
	q->block.bytes = malloc(s->block_size);
	q->fragment.bytes = malloc(s->block_size);
	if (!q->inodes || !q->folders || !q->fragments || !q->packed || !q->block.bytes ||
	    !q->fragment.bytes)
		return -ENOMEM;
	return squashfs_problem(
		q->functions.read_fragments(q->fragments, &q->file.base, s, q->packing));
}

int squashfs_open(const struct byte_source *b, uint64_t at, struct squashfs **ret)
{
	struct squashfs *q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->file.base.read_at = read_at;
	q->file.source = *b;
	q->file.at = at;
	int code = library_open("libsquashfs.so.1", symbols, sizeof(symbols) / sizeof(*symbols),
	                        &q->functions);
	code = code < 0 ? ERR_DENIED
	                : squashfs_problem(q->functions.read_super(&q->super, &q->file.base));
	if (code == OK)
		code = open_packing(q);
	if (code == OK)
		code = open_tables(q);
	if (code < 0)
		squashfs_close(q);
	else
		*ret = q;
	return code;
}

static void wipe(uint8_t *bytes, size_t size)
{
	if (bytes)
		explicit_bzero(bytes, size);
	free(bytes);
}

void squashfs_close(struct squashfs *q)
{
	if (!q)
		return;
	wipe(q->packed, q->super.block_size);
	wipe(q->block.bytes, q->super.block_size);
	wipe(q->fragment.bytes, q->super.block_size);
	sqfs_destroy(q->fragments);
	sqfs_destroy(q->folders);
	sqfs_destroy(q->inodes);
	sqfs_destroy(q->packing);
	free(q);
}

bool squashfs_is_spent(const struct squashfs *q)
{
	return q->unpacked >= SQUASHFS_UNPACKED_MAX;
}

uint64_t squashfs_root(const struct squashfs *q)
{
	return q->super.root_inode_ref;
}
