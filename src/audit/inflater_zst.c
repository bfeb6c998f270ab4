#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "audit/inflater_kinds.h"
#include "net/library.h"

enum { WINDOW_LOG_MAX = 26 };
_Static_assert(1 << WINDOW_LOG_MAX < INFLATER_MEMORY_MAX, "a window and what is beside it");

struct functions {
	__typeof__(ZSTD_createDStream) *create;
	__typeof__(ZSTD_freeDStream) *destroy;
	__typeof__(ZSTD_DCtx_setParameter) *set;
	__typeof__(ZSTD_decompressStream) *decompress;
	__typeof__(ZSTD_isError) *is_error;
	__typeof__(ZSTD_getErrorCode) *code;
};

static const struct library_symbol symbols[] = {
	{"ZSTD_createDStream", offsetof(struct functions, create)},
	{"ZSTD_freeDStream", offsetof(struct functions, destroy)},
	{"ZSTD_DCtx_setParameter", offsetof(struct functions, set)},
	{"ZSTD_decompressStream", offsetof(struct functions, decompress)},
	{"ZSTD_isError", offsetof(struct functions, is_error)},
	{"ZSTD_getErrorCode", offsetof(struct functions, code)},
};

struct zst {
	struct functions functions;
	ZSTD_DStream *stream;
};

int inflater_zst_open(void **ret)
{
	struct zst *z = calloc(1, sizeof(*z));
	if (!z)
		return -ENOMEM;
	int code = library_open("libzstd.so.1", symbols, sizeof(symbols) / sizeof(*symbols),
	                        &z->functions);
	if (code == OK) {
		z->stream = z->functions.create();
		code = z->stream ? OK : -ENOMEM;
	}
	if (code == OK &&
	    z->functions.is_error(z->functions.set(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
		code = ERR_VERSION;
	if (code < 0)
		inflater_zst_close(z);
	else
		*ret = z;
	return code;
}

int inflater_zst_step(void *state, struct view *in, uint8_t **room, size_t *left, bool *ret_is_end)
{
	struct zst *z = state;
	ZSTD_inBuffer from = {in->bytes, in->size, 0};
	ZSTD_outBuffer to = {*room, *left, 0};
	size_t code = z->functions.decompress(z->stream, &to, &from);
	if (z->functions.is_error(code)) {
		ZSTD_ErrorCode why = z->functions.code(code);
		if (why == ZSTD_error_memory_allocation)
			return -ENOMEM;
		return why == ZSTD_error_frameParameter_windowTooLarge ? ERR_LIMIT : ERR_MALFORMED;
	}
	*in = view_skip(*in, from.pos);
	*room += to.pos;
	*left -= to.pos;
	*ret_is_end = code == 0;
	return OK;
}

void inflater_zst_close(void *state)
{
	struct zst *z = state;
	if (z->stream)
		(void)z->functions.destroy(z->stream);
	free(z);
}
