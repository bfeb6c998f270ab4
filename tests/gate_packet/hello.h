/* hello.h - what clients and servers say first, for tests of the packet gate: a TLS hello of either side. */
#pragma once

#include <assert.h>

#include "base/writer.h"

enum { HELLO_SIZE_MAX = 1024 };

static inline uint8_t *hello_open(struct writer *w, size_t size)
{
	uint8_t *at = w->at;
	write_uint(w, 0, size);
	return at;
}

static inline void hello_close(struct writer *w, uint8_t *at, size_t size)
{
	size_t length = (size_t)(w->at - at) - size;
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(length >> 8 * (size - 1 - i));
}

static inline void hello_server_name(struct writer *w, const char *name)
{
	write_u16(w, 0); /* server_name, RFC 6066 s3 */
	uint8_t *extension = hello_open(w, 2), *list = hello_open(w, 2);
	write_u8(w, 0);
	uint8_t *host = hello_open(w, 2);
	write_view(w, view_text(name));
	hello_close(w, host, 2);
	hello_close(w, list, 2);
	hello_close(w, extension, 2);
}

static inline void hello_versions(struct writer *w, bool is_client)
{
	write_u16(w, 43); /* supported_versions */
	write_u16(w, is_client ? 3 : 2);
	if (is_client)
		write_u8(w, 2);
	write_u16(w, 0x0304);
}

/* A record with one message; `name` NULL: a ServerHello, "" a ClientHello without a name. */
static inline struct view hello_write(const char *name, uint8_t room[static HELLO_SIZE_MAX])
{
	struct writer w = writer_open(room, HELLO_SIZE_MAX);
	bool is_client = name;
	write_u8(&w, 22);
	write_u16(&w, 0x0301);
	uint8_t *record = hello_open(&w, 2);
	write_u8(&w, is_client ? 1 : 2);
	uint8_t *message = hello_open(&w, 3);
	write_u16(&w, 0x0303);
	for (int i = 0; i < 32; i++)
		write_u8(&w, (uint8_t)(i * 7 + 1)); /* random */
	write_u8(&w, 0);                            /* no session */
	if (is_client)
		write_u16(&w, 2);
	write_u16(&w, 0x1301);
	write_u8(&w, is_client);
	if (is_client)
		write_u8(&w, 0); /* compression: none */
	uint8_t *extensions = hello_open(&w, 2);
	if (is_client && *name)
		hello_server_name(&w, name);
	hello_versions(&w, is_client);
	hello_close(&w, extensions, 2);
	hello_close(&w, message, 3);
	hello_close(&w, record, 2);
	assert(!w.failed);
	return view_of(room, writer_size(&w));
}
