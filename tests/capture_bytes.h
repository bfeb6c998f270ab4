/* capture_bytes.h - capture files for tests, written from packets. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/view.h"

enum { CAPTURE_ROOM_TEST = 1 << 20 };

struct capture_writer {
	uint8_t bytes[CAPTURE_ROOM_TEST];
	size_t size;
	bool is_swapped;
};

static inline void capture_put32(struct capture_writer *w, uint32_t value)
{
	if (w->is_swapped)
		value = __builtin_bswap32(value);
	memcpy(w->bytes + w->size, &value, 4);
	w->size += 4;
}

static inline void capture_put16(struct capture_writer *w, uint16_t value)
{
	if (w->is_swapped)
		value = __builtin_bswap16(value);
	memcpy(w->bytes + w->size, &value, 2);
	w->size += 2;
}

static inline void capture_put(struct capture_writer *w, struct view bytes)
{
	if (bytes.size)
		memcpy(w->bytes + w->size, bytes.bytes, bytes.size);
	w->size += bytes.size;
}

static inline struct view capture_view(const struct capture_writer *w)
{
	return view_of(w->bytes, w->size);
}

static inline void capture_pcap_header(struct capture_writer *w, uint32_t magic, uint32_t link)
{
	w->size = 0;
	capture_put32(w, magic);
	capture_put16(w, 2);
	capture_put16(w, 4);
	capture_put32(w, 0);
	capture_put32(w, 0);
	capture_put32(w, 65535);
	capture_put32(w, link);
}

static inline void capture_pcap_record(struct capture_writer *w, uint32_t seconds,
                                       uint32_t fraction, struct view packet, size_t original)
{
	capture_put32(w, seconds);
	capture_put32(w, fraction);
	capture_put32(w, (uint32_t)packet.size);
	capture_put32(w, (uint32_t)original);
	capture_put(w, packet);
}

static inline void capture_block(struct capture_writer *w, uint32_t type, struct view body)
{
	uint32_t size = (uint32_t)(12 + ((body.size + 3) & ~(size_t)3));
	size_t from = w->size;
	capture_put32(w, type);
	capture_put32(w, size);
	capture_put(w, body);
	memset(w->bytes + w->size, 0, 4);
	w->size = from + size - 4;
	capture_put32(w, size);
}

static inline void capture_section(struct capture_writer *w)
{
	static struct capture_writer body;
	body.size = 0;
	body.is_swapped = w->is_swapped;
	capture_put32(&body, 0x1a2b3c4d);
	capture_put16(&body, 1);
	capture_put16(&body, 0);
	memset(body.bytes + body.size, 0xff, 8);
	body.size += 8;
	capture_block(w, 0x0a0d0d0a, capture_view(&body));
}

/* `resolution` 0: none is said. */
static inline void capture_interface(struct capture_writer *w, uint16_t link, uint8_t resolution,
                                     int64_t offset_s)
{
	static struct capture_writer body;
	body.size = 0;
	body.is_swapped = w->is_swapped;
	capture_put16(&body, link);
	capture_put16(&body, 0);
	capture_put32(&body, 0);
	if (resolution) {
		capture_put16(&body, 9);
		capture_put16(&body, 1);
		capture_put(&body, view_of((uint8_t[4]){resolution}, 4));
	}
	if (offset_s) {
		uint64_t value = (uint64_t)offset_s;
		capture_put16(&body, 14);
		capture_put16(&body, 8);
		if (w->is_swapped)
			value = __builtin_bswap64(value);
		capture_put(&body, view_of(&value, 8));
	}
	capture_put32(&body, 0);
	capture_block(w, 1, capture_view(&body));
}

static inline void capture_enhanced(struct capture_writer *w, uint32_t interface, uint64_t time,
                                    struct view packet)
{
	static struct capture_writer body;
	body.size = 0;
	body.is_swapped = w->is_swapped;
	capture_put32(&body, interface);
	capture_put32(&body, (uint32_t)(time >> 32));
	capture_put32(&body, (uint32_t)time);
	capture_put32(&body, (uint32_t)packet.size);
	capture_put32(&body, (uint32_t)packet.size);
	capture_put(&body, packet);
	capture_block(w, 6, capture_view(&body));
}
