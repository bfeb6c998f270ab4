/* hellos.h - what clients and servers say first, for tests and benches. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/view.h"
#include "tests/packets.h"

enum { HELLO_ROOM = 4096 };

/* A ClientHello of TLS 1.3 in one record, for `name`, padded to about `size` bytes (0: as it is). */
static inline struct view hello_write(const char *name, size_t size,
                                      uint8_t room[static HELLO_ROOM])
{
	size_t length = strlen(name);
	uint8_t *at = room + 5 + 4;
	packet_put16(at, 0x0303);
	memset(at + 2, 0x11, 32);
	at[34] = 0; /* no session */
	memcpy(at + 35, (uint8_t[]){0, 2, 0x13, 0x01, 1, 0}, 6);
	uint8_t *extensions = at + 43, *e = extensions;
	packet_put16(e, 0);
	packet_put16(e + 2, (uint32_t)length + 5);
	packet_put16(e + 4, (uint32_t)length + 3);
	e[6] = 0;
	packet_put16(e + 7, (uint32_t)length);
	memcpy(e + 9, name, length);
	e += 9 + length;
	memcpy(e, (uint8_t[]){0, 43, 0, 3, 2, 3, 4}, 7);
	e += 7;
	size_t used = (size_t)(e - room);
	if (size > used + 4) {
		packet_put16(e, 21);
		packet_put16(e + 2, (uint32_t)(size - used - 4));
		memset(e + 4, 0, size - used - 4);
		e = room + size;
	}
	packet_put16(at + 41, (uint32_t)(e - extensions));
	size_t body = (size_t)(e - at);
	memcpy(room, (uint8_t[]){22, 3, 1}, 3);
	packet_put16(room + 3, (uint32_t)body + 4);
	packet_put32(room + 5, (uint32_t)body | UINT32_C(1) << 24);
	return view_of(room, (size_t)(e - room));
}

/* The beginning of a ServerHello, or of a HelloRetryRequest, as one record. */
static inline struct view hello_answer(bool is_retry, uint8_t room[static HELLO_ROOM])
{
	static const uint8_t retry[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	                                  0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	                                  0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	                                  0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
	enum { BODY = 2 + 32 + 1 + 2 + 1 + 2 + 6 };
	memcpy(room, (uint8_t[]){22, 3, 3, 0, BODY + 4, 2, 0, 0, BODY, 3, 3}, 11);
	memset(room + 11, 0x22, 32);
	if (is_retry)
		memcpy(room + 11, retry, 32);
	memcpy(room + 43, (uint8_t[]){0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4}, 12);
	return view_of(room, 55);
}
