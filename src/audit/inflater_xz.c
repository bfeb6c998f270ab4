#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#include "audit/inflater_kinds.h"
#include "net/library.h"

struct functions {
	__typeof__(lzma_stream_decoder) *open;
	__typeof__(lzma_code) *code;
	__typeof__(lzma_end) *end;
};

static const struct library_symbol symbols[] = {
	{"lzma_stream_decoder", offsetof(struct functions, open)},
	{"lzma_code", offsetof(struct functions, code)},
	{"lzma_end", offsetof(struct functions, end)},
};

struct xz {
	struct functions functions;
	lzma_stream stream;
};

static int begin(struct xz *x)
{
	return x->functions.open(&x->stream, INFLATER_MEMORY_MAX, 0) == LZMA_OK ? OK : -ENOMEM;
}

int inflater_xz_open(void **ret)
{
	struct xz *x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->stream = (lzma_stream)LZMA_STREAM_INIT;
	int code = library_open("liblzma.so.5", symbols, sizeof(symbols) / sizeof(*symbols),
	                        &x->functions);
	if (code == OK)
		code = begin(x);
	if (code < 0)
		free(x);
	else
		*ret = x;
	return code;
}

int inflater_xz_step(void *state, struct view *in, uint8_t **room, size_t *left, bool *ret_is_end)
{
	struct xz *x = state;
	x->stream.next_in = in->bytes;
	x->stream.avail_in = in->size;
	x->stream.next_out = *room;
	x->stream.avail_out = *left;
	lzma_ret code = x->functions.code(&x->stream, LZMA_RUN);
	*in = view_skip(*in, in->size - x->stream.avail_in);
	*room += *left - x->stream.avail_out;
	*left = x->stream.avail_out;
	*ret_is_end = code == LZMA_STREAM_END;
	if (code == LZMA_STREAM_END)
		return begin(x);
	if (code == LZMA_MEM_ERROR)
		return -ENOMEM;
	if (code == LZMA_MEMLIMIT_ERROR)
		return ERR_LIMIT;
	return code == LZMA_OK || code == LZMA_BUF_ERROR ? OK : ERR_MALFORMED;
}

void inflater_xz_close(void *state)
{
	struct xz *x = state;
	x->functions.end(&x->stream);
	free(x);
}
