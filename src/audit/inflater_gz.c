#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "audit/inflater_kinds.h"
#include "net/library.h"

enum { WINDOW_GZIP = 15 + 16 };

struct functions {
	__typeof__(inflateInit2_) *init;
	__typeof__(inflate) *inflate;
	__typeof__(inflateReset) *reset;
	__typeof__(inflateEnd) *end;
};

static const struct library_symbol symbols[] = {
	{"inflateInit2_", offsetof(struct functions, init)},
	{"inflate", offsetof(struct functions, inflate)},
	{"inflateReset", offsetof(struct functions, reset)},
	{"inflateEnd", offsetof(struct functions, end)},
};

struct gz {
	struct functions functions;
	z_stream stream;
};

int inflater_gz_open(void **ret)
{
	struct gz *g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	int code = library_open("libz.so.1", symbols, sizeof(symbols) / sizeof(*symbols),
	                        &g->functions);
	if (code == OK && g->functions.init(&g->stream, WINDOW_GZIP, ZLIB_VERSION,
	                                    (int)sizeof(g->stream)) != Z_OK)
		code = -ENOMEM;
	if (code < 0)
		free(g);
	else
		*ret = g;
	return code;
}

static unsigned cut(size_t size)
{
	return size > INT_MAX ? INT_MAX : (unsigned)size;
}

int inflater_gz_step(void *state, struct view *in, uint8_t **room, size_t *left, bool *ret_is_end)
{
	struct gz *g = state;
	z_stream *s = &g->stream;
	const unsigned in_size = cut(in->size), out_size = cut(*left);
	s->next_in = (Bytef *)(uintptr_t)in->bytes;
	s->avail_in = in_size;
	s->next_out = *room;
	s->avail_out = out_size;
	int code = g->functions.inflate(s, Z_NO_FLUSH);
	*in = view_skip(*in, in_size - s->avail_in);
	*room += out_size - s->avail_out;
	*left -= out_size - s->avail_out;
	*ret_is_end = code == Z_STREAM_END;
	if (code == Z_STREAM_END)
		code = g->functions.reset(s);
	if (code == Z_MEM_ERROR)
		return -ENOMEM;
	return code == Z_OK || code == Z_BUF_ERROR ? OK : ERR_MALFORMED;
}

void inflater_gz_close(void *state)
{
	struct gz *g = state;
	(void)g->functions.end(&g->stream);
	free(g);
}
