/* protobuf_read.h - the fields of a Protocol Buffers message, one after another, whatever its schema is.
 *
 *	struct reader r = reader_open(message.bytes, message.size);
 *	struct protobuf_item item;
 *	while ((code = protobuf_read(&r, &item)) > 0)
 *		...
 *
 * What:    pure. A message within another is bytes, to be read in the same way.
 * Borrows: the views of an item point into the message.
 * Fails:   ERR_MALFORMED: it ends within a field, a number is too long, or it has groups, which nobody writes.
 * Source:  "Encoding", Protocol Buffers documentation. */
#pragma once

#include "base/err.h"
#include "base/reader.h"

enum protobuf_type {
	PROTOBUF_TYPE_VARINT = 0,
	PROTOBUF_TYPE_FIXED64 = 1,
	PROTOBUF_TYPE_BYTES = 2,
	PROTOBUF_TYPE_FIXED32 = 5,
};

struct protobuf_item {
	uint32_t number;
	enum protobuf_type type;
	uint64_t value; /* of a number */
	struct view bytes;
};

/* 1 with the next field, 0 after the last. */
int protobuf_read(struct reader *message, struct protobuf_item *ret) must_check;
