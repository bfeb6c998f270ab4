#include "wire/protobuf_read.h"

enum { VARINT_BYTES_MAX = 10, TYPE_BITS = 3 };

static uint64_t read_varint(struct reader *r)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
		uint8_t byte = read_u8(r);
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return value;
	}
	r->failed = true;
	return 0;
}

/* The lowest byte is the first. */
static uint64_t read_fixed(struct reader *r, size_t size)
{
	const uint8_t *bytes = read_bytes(r, size);
	uint64_t value = 0;
	for (size_t i = size; bytes && i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

static void read_content(struct reader *r, struct protobuf_item *item)
{
	switch (item->type) {
	case PROTOBUF_TYPE_VARINT: item->value = read_varint(r); return;
	case PROTOBUF_TYPE_FIXED64: item->value = read_fixed(r, sizeof(uint64_t)); return;
	case PROTOBUF_TYPE_BYTES: item->bytes = read_view(r, read_varint(r)); return;
	case PROTOBUF_TYPE_FIXED32: item->value = read_fixed(r, sizeof(uint32_t)); return;
	}
	r->failed = true;
}

int protobuf_read(struct reader *message, struct protobuf_item *ret)
{
	if (reader_left(message) == 0 && !message->failed)
		return 0;
	uint64_t tag = read_varint(message);
	struct protobuf_item item = {.number = (uint32_t)(tag >> TYPE_BITS),
	                             .type = (enum protobuf_type)(tag & ((1 << TYPE_BITS) - 1))};
	read_content(message, &item);
	if (message->failed || item.number == 0 || tag >> TYPE_BITS > UINT32_MAX)
		return ERR_MALFORMED;
	*ret = item;
	return 1;
}
