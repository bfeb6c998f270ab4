#include <errno.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "net/library.h"
#include "scan/squashfs_private.h"

#define XZ_MEMORY_MAX (UINT64_C(64) << 20)

struct functions {
	__typeof__(&lzo1x_decompress_safe) unpack_lzo;
	__typeof__(&lzma_stream_buffer_decode) unpack_xz;
};

struct unpacker {
	sqfs_compressor_t base;
	struct functions functions;
};

static sqfs_s32 unpack_lzo(sqfs_compressor_t *base, const sqfs_u8 *in, sqfs_u32 size, sqfs_u8 *out,
                           sqfs_u32 room)
{
	const struct unpacker *u = (const struct unpacker *)base;
	lzo_uint got = room;
	if (room > INT32_MAX || u->functions.unpack_lzo(in, size, out, &got, NULL) != LZO_E_OK)
		return SQFS_ERROR_COMPRESSOR;
	return (sqfs_s32)got;
}

static void *make_room(void *context, size_t count, size_t size)
{
	(void)context;
	return calloc(count, size);
}

static void wipe_and_free(void *context, void *memory)
{
	(void)context;
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static sqfs_s32 unpack_xz(sqfs_compressor_t *base, const sqfs_u8 *in, sqfs_u32 size, sqfs_u8 *out,
                          sqfs_u32 room)
{
	static const lzma_allocator wiping = {make_room, wipe_and_free, NULL};
	const struct unpacker *u = (const struct unpacker *)base;
	uint64_t memory = XZ_MEMORY_MAX;
	size_t read = 0, got = 0;
	if (room > INT32_MAX || u->functions.unpack_xz(&memory, 0, &wiping, in, &read, size, out,
	                                               &got, room) != LZMA_OK)
		return SQFS_ERROR_COMPRESSOR;
	return read == size ? (sqfs_s32)got : SQFS_ERROR_COMPRESSOR;
}

static const struct packing {
	SQFS_COMPRESSOR id;
	const char *library;
	struct library_symbol symbol;
	__typeof__(unpack_xz) *unpack;
} packings[] = {
	{SQFS_COMP_LZO,
         "liblzo2.so.2",
         {"lzo1x_decompress_safe", offsetof(struct functions, unpack_lzo)},
         unpack_lzo},
	{SQFS_COMP_XZ,
         "liblzma.so.5",
         {"lzma_stream_buffer_decode", offsetof(struct functions, unpack_xz)},
         unpack_xz},
};

static const struct packing *find(uint16_t id)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++) {
		if (packings[i].id == id)
			return &packings[i];
	}
	return NULL;
}

static void destroy(sqfs_object_t *base)
{
	free(base);
}

int squashfs_unpacker_new(uint16_t id, sqfs_compressor_t **ret)
{
	const struct packing *p = find(id);
	if (!p)
		return ERR_MISSING;
	struct unpacker *u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	if (library_open(p->library, &p->symbol, 1, &u->functions) < 0) {
		free(u);
		return ERR_DENIED;
	}
	u->base.base.destroy = destroy;
	u->base.do_block = p->unpack;
	*ret = &u->base;
	return OK;
}
