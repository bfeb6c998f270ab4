#include "wire/protobuf.h"

#include <assert.h>

enum wire_type { WIRE_VARINT = 0, WIRE_LENGTH = 2, WIRE_FIXED32 = 5 };

static size_t varint_size(uint64_t value)
{
	size_t size = 1;
	while (value >>= 7)
		size++;
	return size;
}

static void write_varint(struct writer *w, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		write_u8(w, (uint8_t)(value | 0x80));
	write_u8(w, (uint8_t)value);
}

/* Without tag and length. */
static size_t content_size(const struct protobuf_field *f)
{
	switch (f->kind) {
	case PROTOBUF_VARINT: return varint_size(f->value);
	case PROTOBUF_FIXED32: return sizeof(uint32_t);
	case PROTOBUF_BYTES: return f->bytes.size;
	case PROTOBUF_MESSAGE: return protobuf_size(f->fields);
	case PROTOBUF_ABSENT: break;
	}
	return 0;
}

size_t protobuf_size(const struct protobuf_field *fields)
{
	size_t size = 0;
	for (const struct protobuf_field *f = fields; f->number; f++) {
		if (f->kind == PROTOBUF_ABSENT)
			continue;
		size_t content = content_size(f);
		bool has_length = f->kind == PROTOBUF_BYTES || f->kind == PROTOBUF_MESSAGE;
		size += 1 + (has_length ? varint_size(content) : 0) + content;
	}
	return size;
}

static void write_tag(struct writer *w, const struct protobuf_field *f, enum wire_type type)
{
	assert(f->number <= PROTOBUF_NUMBER_MAX);
	write_u8(w, (uint8_t)(f->number << 3 | type));
}

static void write_field(struct writer *w, const struct protobuf_field *f)
{
	switch (f->kind) {
	case PROTOBUF_VARINT:
		write_tag(w, f, WIRE_VARINT);
		write_varint(w, f->value);
		return;
	case PROTOBUF_FIXED32:
		write_tag(w, f, WIRE_FIXED32);
		for (unsigned shift = 0; shift < 32; shift += 8)
			write_u8(w, (uint8_t)(f->value >> shift));
		return;
	case PROTOBUF_BYTES:
	case PROTOBUF_MESSAGE:
		write_tag(w, f, WIRE_LENGTH);
		write_varint(w, content_size(f));
		if (f->kind == PROTOBUF_BYTES)
			write_view(w, f->bytes);
		else
			protobuf_write(f->fields, w);
		return;
	case PROTOBUF_ABSENT: return;
	}
}

void protobuf_write(const struct protobuf_field *fields, struct writer *w)
{
	for (const struct protobuf_field *f = fields; f->number; f++)
		write_field(w, f);
}
