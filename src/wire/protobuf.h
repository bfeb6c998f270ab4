/* protobuf.h - writes Protocol Buffers messages from rows of fields.
 *
 * What:    pure; two passes, sizes then bytes, so that lengths are the shortest there are.
 * Limits:  numbers of fields below 16, as tags of one byte have them: enough for the one schema we write.
 * Source:  "Encoding", Protocol Buffers documentation: tags, base 128 varints, length-delimited records.
 *
 *	struct protobuf_field inner[] = {protobuf_number(1, 150), {0}};
 *	struct protobuf_field outer[] = {protobuf_message(3, inner), {0}};
 *	protobuf_write(outer, &writer); // 1a 03 08 96 01 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "base/writer.h"

enum protobuf_kind {
	PROTOBUF_ABSENT, /* not written */
	PROTOBUF_VARINT,
	PROTOBUF_FIXED32,
	PROTOBUF_BYTES,
	PROTOBUF_MESSAGE,
};

enum { PROTOBUF_NUMBER_MAX = 15 };

/* Rows of a message end with number 0. */
struct protobuf_field {
	uint8_t number;
	enum protobuf_kind kind;
	uint64_t value;                      /* VARINT, FIXED32 */
	struct view bytes;                   /* BYTES */
	const struct protobuf_field *fields; /* MESSAGE */
};

size_t protobuf_size(const struct protobuf_field *fields);
void protobuf_write(const struct protobuf_field *fields, struct writer *w);

static inline struct protobuf_field protobuf_number(uint8_t number, uint64_t value)
{
	return (struct protobuf_field){number, PROTOBUF_VARINT, .value = value};
}

static inline struct protobuf_field protobuf_fixed32(uint8_t number, uint32_t value)
{
	return (struct protobuf_field){number, PROTOBUF_FIXED32, .value = value};
}

/* Absent when there are none. */
static inline struct protobuf_field protobuf_bytes(uint8_t number, struct view bytes)
{
	return (struct protobuf_field){number, bytes.size ? PROTOBUF_BYTES : PROTOBUF_ABSENT,
	                               .bytes = bytes};
}

static inline struct protobuf_field protobuf_message(uint8_t number,
                                                     const struct protobuf_field *fields)
{
	return (struct protobuf_field){number, PROTOBUF_MESSAGE, .fields = fields};
}
