/* LZO in the form that libsquashfs gives its unpackers: it has none of its own, for its licence. */
#include <errno.h>
#include <lzo/lzo1x.h>
#include <stdlib.h>

#include "net/library.h"
#include "scan/squashfs_private.h"

struct functions {
	__typeof__(&lzo1x_decompress_safe) unpack;
};

static const struct library_symbol symbols[] = {
	{"lzo1x_decompress_safe", offsetof(struct functions, unpack)},
};

struct lzo {
	sqfs_compressor_t base;
	struct functions functions;
};

static sqfs_s32 unpack(sqfs_compressor_t *base, const sqfs_u8 *in, sqfs_u32 size, sqfs_u8 *out,
                       sqfs_u32 room)
{
	const struct lzo *l = (const struct lzo *)base;
	lzo_uint got = room;
	if (room > INT32_MAX || l->functions.unpack(in, size, out, &got, NULL) != LZO_E_OK)
		return SQFS_ERROR_COMPRESSOR;
	return (sqfs_s32)got;
}

static void destroy(sqfs_object_t *base)
{
	free(base);
}

int squashfs_lzo_new(sqfs_compressor_t **ret)
{
	struct lzo *l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	if (library_open("liblzo2.so.2", symbols, sizeof(symbols) / sizeof(*symbols),
	                 &l->functions) < 0) {
		free(l);
		return ERR_DENIED;
	}
	l->base.base.destroy = destroy;
	l->base.do_block = unpack;
	*ret = &l->base;
	return OK;
}
