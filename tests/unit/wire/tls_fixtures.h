/* tls_fixtures.h - ClientHellos and records of a test's own making.
 *
 *	struct hello_maker h = {.names = {"a.example"}, .alpn = "h2"};
 *	size = make_hello(&h, room, sizeof(room));  the handshake message
 *	size = make_records(message, 7, ...);       in records of 7 bytes each */
#pragma once

#include <assert.h>

#include "base/view.h"
#include "base/writer.h"

struct hello_maker {
	const char *names[4]; /* in one list; none: no such extension */
	const char *alpn;     /* one; NULL: no such extension */
	struct view more;     /* further extensions, before the names */
	size_t padding;       /* bytes of one more extension */
	uint16_t version;     /* as the first field; 0: that of TLS 1.2 */
	const uint16_t *ciphers;
	size_t ciphers_count; /* 0: one of them */
};

static inline uint8_t *length_begin(struct writer *w, size_t size)
{
	uint8_t *at = w->at;
	write_uint(w, 0, size);
	return at;
}

/* What was written since is what the length says. */
static inline void length_end(struct writer *w, uint8_t *at, size_t size)
{
	assert(!w->failed);
	size_t length = (size_t)(w->at - at) - size;
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(length >> 8 * (size - 1 - i));
}

static inline void make_names(const struct hello_maker *h, struct writer *w)
{
	write_u16(w, 0);
	uint8_t *extension = length_begin(w, 2);
	uint8_t *list = length_begin(w, 2);
	for (size_t i = 0; i < 4 && h->names[i]; i++) {
		write_u8(w, 0);
		write_u16(w, (uint16_t)strlen(h->names[i]));
		write_view(w, view_text(h->names[i]));
	}
	length_end(w, list, 2);
	length_end(w, extension, 2);
}

static inline void make_extensions(const struct hello_maker *h, struct writer *w)
{
	uint8_t *all = length_begin(w, 2);
	if (h->padding) {
		write_u16(w, 21);
		write_u16(w, (uint16_t)h->padding);
		uint8_t *zeros = write_space(w, h->padding);
		assert(zeros);
		memset(zeros, 0, h->padding);
	}
	write_view(w, h->more);
	if (h->names[0])
		make_names(h, w);
	if (h->alpn) {
		size_t size = strlen(h->alpn);
		write_u16(w, 16);
		write_u16(w, (uint16_t)(size + 3));
		write_u16(w, (uint16_t)(size + 1));
		write_u8(w, (uint8_t)size);
		write_view(w, view_text(h->alpn));
	}
	length_end(w, all, 2);
}

static inline size_t make_hello(const struct hello_maker *h, uint8_t *room, size_t room_size)
{
	static const uint16_t one[] = {0x1301};
	const uint16_t *ciphers = h->ciphers_count ? h->ciphers : one;
	size_t count = h->ciphers_count ? h->ciphers_count : 1;
	struct writer w = writer_open(room, room_size);
	write_u8(&w, 1);
	uint8_t *body = length_begin(&w, 3);
	write_u16(&w, h->version ? h->version : 0x0303);
	for (size_t i = 0; i < 32; i++)
		write_u8(&w, (uint8_t)i);
	write_u8(&w, 0);
	uint8_t *list = length_begin(&w, 2);
	for (size_t i = 0; i < count; i++)
		write_u16(&w, ciphers[i]);
	length_end(&w, list, 2);
	write_u16(&w, 0x0100); /* one way to compress: none */
	make_extensions(h, &w);
	length_end(&w, body, 3);
	return writer_size(&w);
}

static inline void make_record(struct writer *w, uint8_t type, struct view content)
{
	write_u8(w, type);
	write_u16(w, 0x0301);
	write_u16(w, (uint16_t)content.size);
	write_view(w, content);
}

/* Cuts the bytes into handshake records of `cut` bytes. */
static inline void make_records(struct writer *w, struct view bytes, size_t cut)
{
	while (bytes.size) {
		struct view part = view_of(bytes.bytes, bytes.size < cut ? bytes.size : cut);
		make_record(w, 22, part);
		bytes = view_skip(bytes, part.size);
	}
	assert(!w->failed);
}
