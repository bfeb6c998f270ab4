/* dnstap_decode.c - a frame's data back to what it tells. */
#include "base/timestamp.h"
#include "wire/dnstap.h"
#include "wire/protobuf_read.h"

enum { TYPE_MESSAGE = 1, NANOSECONDS = 1000000000 };

/* A time as it is written: in two fields, of which one may be missing. */
struct moment {
	bool is_said;
	uint64_t seconds, nanoseconds;
};

struct decoding {
	struct dnstap tap;
	struct moment query, response;
};

static int64_t moment_us(const struct moment *m)
{
	if (!m->is_said || m->seconds > INT64_MAX / SECOND_US - 1 || m->nanoseconds >= NANOSECONDS)
		return TIME_MIN;
	return (int64_t)m->seconds * SECOND_US + (int64_t)m->nanoseconds / 1000;
}

static void take_number(struct decoding *d, const struct protobuf_item *item)
{
	switch (item->number) {
	case 1: d->tap.type = item->value < DNSTAP_TYPES ? (enum dnstap_type)item->value : 0; break;
	case 3:
		d->tap.protocol = item->value <= UINT8_MAX ? (enum dnstap_protocol)item->value : 0;
		break;
	case 7: d->tap.server_port = item->value <= UINT16_MAX ? (uint16_t)item->value : 0; break;
	case 8: d->query = (struct moment){true, item->value, d->query.nanoseconds}; break;
	case 12: d->response = (struct moment){true, item->value, d->response.nanoseconds}; break;
	default: break;
	}
}

static void take_fixed(struct decoding *d, const struct protobuf_item *item)
{
	if (item->number == 9)
		d->query.nanoseconds = item->value;
	else if (item->number == 13)
		d->response.nanoseconds = item->value;
}

static void take_bytes(struct decoding *d, const struct protobuf_item *item)
{
	switch (item->number) {
	case 4: d->tap.client = address_from_bytes(item->bytes.bytes, item->bytes.size); break;
	case 5: d->tap.server = address_from_bytes(item->bytes.bytes, item->bytes.size); break;
	case 10: d->tap.query = item->bytes; break;
	case 14: d->tap.response = item->bytes; break;
	default: break;
	}
}

static int decode_message(struct view bytes, struct decoding *d)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	struct protobuf_item item;
	int code;
	while ((code = protobuf_read(&r, &item)) > 0) {
		if (item.type == PROTOBUF_TYPE_VARINT)
			take_number(d, &item);
		else if (item.type == PROTOBUF_TYPE_FIXED32)
			take_fixed(d, &item);
		else if (item.type == PROTOBUF_TYPE_BYTES)
			take_bytes(d, &item);
	}
	d->tap.query_at_us = moment_us(&d->query);
	d->tap.response_at_us = moment_us(&d->response);
	return code;
}

int dnstap_decode(struct view data, struct dnstap *ret)
{
	struct reader r = reader_open(data.bytes, data.size);
	struct decoding d = {0};
	struct protobuf_item item;
	struct view message = {0};
	uint64_t type = 0;
	int code;
	while ((code = protobuf_read(&r, &item)) > 0) {
		if (item.number == 1 && item.type == PROTOBUF_TYPE_BYTES)
			d.tap.identity = item.bytes;
		else if (item.number == 2 && item.type == PROTOBUF_TYPE_BYTES)
			d.tap.version = item.bytes;
		else if (item.number == 14 && item.type == PROTOBUF_TYPE_BYTES)
			message = item.bytes;
		else if (item.number == 15 && item.type == PROTOBUF_TYPE_VARINT)
			type = item.value;
	}
	if (code == OK)
		code = type == TYPE_MESSAGE ? decode_message(message, &d) : ERR_MALFORMED;
	if (code == OK && d.tap.type == 0)
		code = ERR_MALFORMED;
	if (code == OK)
		*ret = d.tap;
	return code;
}
