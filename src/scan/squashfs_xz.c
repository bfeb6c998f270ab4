/* XZ in the form that libsquashfs gives its unpackers: its own leaves what it has unpacked in memory. */
#include <errno.h>
#include <lzma.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "net/library.h"
#include "scan/squashfs_private.h"

#define MEMORY_MAX (UINT64_C(64) << 20)

struct functions {
	__typeof__(&lzma_stream_buffer_decode) unpack;
};

static const struct library_symbol symbols[] = {
	{"lzma_stream_buffer_decode", offsetof(struct functions, unpack)},
};

struct xz {
	sqfs_compressor_t base;
	struct functions functions;
};

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

static sqfs_s32 unpack(sqfs_compressor_t *base, const sqfs_u8 *in, sqfs_u32 size, sqfs_u8 *out,
                       sqfs_u32 room)
{
	static const lzma_allocator wiping = {make_room, wipe_and_free, NULL};
	const struct xz *x = (const struct xz *)base;
	uint64_t memory = MEMORY_MAX;
	size_t read = 0, got = 0;
	if (room > INT32_MAX ||
	    x->functions.unpack(&memory, 0, &wiping, in, &read, size, out, &got, room) != LZMA_OK)
		return SQFS_ERROR_COMPRESSOR;
	return read == size ? (sqfs_s32)got : SQFS_ERROR_COMPRESSOR;
}

static void destroy(sqfs_object_t *base)
{
	free(base);
}

int squashfs_xz_new(sqfs_compressor_t **ret)
{
	struct xz *x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	if (library_open("liblzma.so.5", symbols, sizeof(symbols) / sizeof(*symbols),
	                 &x->functions) < 0) {
		free(x);
		return ERR_DENIED;
	}
	x->base.base.destroy = destroy;
	x->base.do_block = unpack;
	*ret = &x->base;
	return OK;
}
