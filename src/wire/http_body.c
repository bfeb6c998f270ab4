#include "wire/http_body.h"

#include <stdbool.h>

enum state {
	LENGTH,         /* `left` bytes */
	CHUNK_SIZE,     /* digits */
	CHUNK_MORE,     /* an extension, up to its CR */
	CHUNK_SIZE_END, /* the LF */
	CHUNK,          /* `left` bytes */
	CHUNK_CR,
	CHUNK_LF,
	TRAILER,    /* the begin of a line */
	TRAILER_LF, /* of the empty line */
	FIELD,      /* up to its CR */
	FIELD_LF,
	HEAD,
	OTHER,
	UNKNOWN,
};

enum { DIGITS_MAX = 15 };

void http_body_open(const struct http_request *request, struct http_body *ret)
{
	static const uint8_t states[] = {
		[HTTP_FRAMING_NONE] = HEAD,          [HTTP_FRAMING_LENGTH] = LENGTH,
		[HTTP_FRAMING_CHUNKED] = CHUNK_SIZE, [HTTP_FRAMING_OTHER] = OTHER,
		[HTTP_FRAMING_UNKNOWN] = UNKNOWN,    [HTTP_FRAMING_TORN] = UNKNOWN,
	};
	*ret = (struct http_body){.state = states[request->framing],
	                          .end = request->is_upgrade ? OTHER : HEAD};
	if (request->framing == HTTP_FRAMING_LENGTH)
		ret->left = request->body_size;
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum state after_size_byte(struct http_body *b, uint8_t c)
{
	int digit = digit_of(c);
	if (digit >= 0 && b->digits < DIGITS_MAX) {
		b->left = b->left << 4 | (unsigned)digit;
		b->digits++;
		return CHUNK_SIZE;
	}
	if (b->digits == 0)
		return UNKNOWN;
	return c == '\r' ? CHUNK_SIZE_END : c == ';' ? CHUNK_MORE : UNKNOWN;
}

/* Within a line: a CR must be its end, an LF none. */
static enum state after_text_byte(uint8_t c, enum state same, enum state end)
{
	return c == '\r' ? end : c == '\n' || c == 0 ? UNKNOWN : same;
}

static enum state after_byte(struct http_body *b, uint8_t c)
{
	switch ((enum state)b->state) {
	case CHUNK_SIZE: return after_size_byte(b, c);
	case CHUNK_MORE: return after_text_byte(c, CHUNK_MORE, CHUNK_SIZE_END);
	case CHUNK_SIZE_END: b->digits = 0; return c != '\n' ? UNKNOWN : b->left ? CHUNK : TRAILER;
	case CHUNK_CR: return c == '\r' ? CHUNK_LF : UNKNOWN;
	case CHUNK_LF: return c == '\n' ? CHUNK_SIZE : UNKNOWN;
	case TRAILER: return after_text_byte(c, FIELD, TRAILER_LF);
	case TRAILER_LF: return c == '\n' ? (enum state)b->end : UNKNOWN;
	case FIELD: return after_text_byte(c, FIELD, FIELD_LF);
	case FIELD_LF: return c == '\n' ? TRAILER : UNKNOWN;
	default: return UNKNOWN;
	}
}

/* Passes over counted bytes; returns how many. */
static size_t pass(struct http_body *b, size_t size)
{
	if (size > b->left)
		size = (size_t)b->left;
	b->left -= size;
	if (b->left == 0)
		b->state = b->state == LENGTH ? b->end : CHUNK_CR;
	return size;
}

enum http_next http_body_feed(struct http_body *b, struct view bytes, size_t *ret_used)
{
	size_t at = 0;
	while (at < bytes.size && b->state < HEAD) {
		if (b->state == LENGTH || b->state == CHUNK)
			at += pass(b, bytes.size - at);
		else
			b->state = (uint8_t)after_byte(b, bytes.bytes[at++]);
	}
	if (b->state == UNKNOWN && at > 0)
		at--; /* the byte that has no place may be the first of what to look at */
	*ret_used = at;
	if (b->state < HEAD)
		return HTTP_NEXT_BODY;
	return b->state == HEAD    ? HTTP_NEXT_HEAD
	       : b->state == OTHER ? HTTP_NEXT_OTHER
	                           : HTTP_NEXT_UNKNOWN;
}

uint64_t http_body_skip(struct http_body *b, uint64_t most)
{
	if (b->state != LENGTH && b->state != CHUNK)
		return 0;
	return pass(b, most < SIZE_MAX ? (size_t)most : SIZE_MAX);
}
