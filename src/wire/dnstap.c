#include "wire/dnstap.h"

#include "base/timestamp.h"
#include "wire/protobuf.h"

enum { TYPE_MESSAGE = 1, FAMILY_INET = 1, FAMILY_INET6 = 2 };

static struct protobuf_field unless_zero(uint8_t number, unsigned value)
{
	struct protobuf_field f = protobuf_number(number, value);
	if (value == 0)
		f.kind = PROTOBUF_ABSENT;
	return f;
}

static struct protobuf_field seconds(uint8_t number, int64_t at_us)
{
	struct protobuf_field f = protobuf_number(number, (uint64_t)(at_us / SECOND_US));
	if (at_us == TIME_MIN)
		f.kind = PROTOBUF_ABSENT;
	return f;
}

static struct protobuf_field nanoseconds(uint8_t number, int64_t at_us)
{
	struct protobuf_field f = protobuf_fixed32(number, (uint32_t)(at_us % SECOND_US * 1000));
	if (at_us == TIME_MIN)
		f.kind = PROTOBUF_ABSENT;
	return f;
}

static unsigned family_of(const struct address *a)
{
	return a->size == 4 ? FAMILY_INET : a->size == 16 ? FAMILY_INET6 : 0;
}

size_t dnstap_encode(const struct dnstap *d, void *room, size_t room_size)
{
	static const struct dnstap_policy none;
	const struct dnstap_policy *p = d->policy ? d->policy : &none;
	const struct protobuf_field policy[] = {
		protobuf_bytes(1, p->type), protobuf_bytes(2, p->rule),  unless_zero(3, p->action),
		unless_zero(4, p->match),   protobuf_bytes(5, p->value), {0},
	};
	const struct protobuf_field message[] = {
		protobuf_number(1, d->type),
		unless_zero(2, family_of(d->client.size ? &d->client : &d->server)),
		unless_zero(3, d->protocol),
		protobuf_bytes(4, view_of(d->client.bytes, d->client.size)),
		protobuf_bytes(5, view_of(d->server.bytes, d->server.size)),
		unless_zero(7, d->server_port),
		seconds(8, d->query_at_us),
		nanoseconds(9, d->query_at_us),
		protobuf_bytes(10, d->query),
		seconds(12, d->response_at_us),
		nanoseconds(13, d->response_at_us),
		protobuf_bytes(14, d->response),
		{15, d->policy ? PROTOBUF_MESSAGE : PROTOBUF_ABSENT, .fields = policy},
		{0},
	};
	const struct protobuf_field outer[] = {
		protobuf_bytes(1, d->identity),
		protobuf_bytes(2, d->version),
		protobuf_message(14, message),
		protobuf_number(15, TYPE_MESSAGE),
		{0},
	};
	struct writer w = writer_open(room, room_size);
	protobuf_write(outer, &w);
	return w.failed ? 0 : writer_size(&w);
}
