#include "wire/tcp.h"

#include "base/reader.h"
#include "wire/inet_sum.h"

enum option {
	OPTION_END = 0,
	OPTION_NOTHING = 1,
	OPTION_SCALE = 3,
	OPTION_TIMESTAMP = 8,
	OPTION_MD5 = 19,
	OPTION_AO = 29,
};

static void take_scale(struct reader *r, struct tcp_segment *s)
{
	uint8_t scale = read_u8(r);
	s->has_scale = true;
	s->scale = scale > TCP_SCALE_MAX ? TCP_SCALE_MAX : scale;
}

static void take_timestamp(struct reader *r, struct tcp_segment *s)
{
	s->has_timestamp = true;
	s->timestamp = read_u32(r);
	s->timestamp_echo = read_u32(r);
}

static void take_md5(struct reader *r, struct tcp_segment *s)
{
	(void)r;
	s->has_md5 = true;
}

static void take_ao(struct reader *r, struct tcp_segment *s)
{
	(void)r;
	s->has_ao = true;
}

static const struct {
	uint8_t kind;
	uint8_t size; /* with kind and length; 0: any */
	void (*take)(struct reader *r, struct tcp_segment *s);
} options[] = {
	{OPTION_SCALE, 3, take_scale},
	{OPTION_TIMESTAMP, 10, take_timestamp},
	{OPTION_MD5, 18, take_md5},
	{OPTION_AO, 0, take_ao},
};

static void take_option(uint8_t kind, struct view value, struct tcp_segment *s)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].kind != kind)
			continue;
		struct reader r = reader_open(value.bytes, value.size);
		if (options[i].size == 0 || options[i].size == value.size + 2)
			options[i].take(&r, s);
		else
			s->has_bad_options = true;
		return;
	}
}

/* What nearly every segment of a connection has: two fillers and a timestamp. */
static bool take_usual_options(struct view bytes, struct tcp_segment *s)
{
	static const uint8_t usual[4] = {OPTION_NOTHING, OPTION_NOTHING, OPTION_TIMESTAMP, 10};
	if (bytes.size != 12 || memcmp(bytes.bytes, usual, sizeof(usual)) != 0)
		return false;
	struct reader r = reader_open(bytes.bytes + 4, 8);
	take_timestamp(&r, s);
	return true;
}

static void take_options(struct view bytes, struct tcp_segment *s)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	while (reader_left(&r)) {
		uint8_t kind = read_u8(&r);
		if (kind == OPTION_END)
			return;
		if (kind == OPTION_NOTHING)
			continue;
		uint8_t size = read_u8(&r);
		struct view value = read_view(&r, size < 2 ? SIZE_MAX : size - 2u);
		if (r.failed) {
			s->has_bad_options = true;
			return;
		}
		take_option(kind, value, s);
	}
}

int tcp_parse(struct view segment, struct tcp_segment *ret)
{
	struct tcp_segment s = {0};
	struct reader r = reader_open(segment.bytes, segment.size);
	s.source_port = read_u16(&r);
	s.destination_port = read_u16(&r);
	s.sequence = read_u32(&r);
	s.acknowledged = read_u32(&r);
	size_t header = (read_u8(&r) >> 4) * 4u;
	s.flags = read_u8(&r);
	s.window = read_u16(&r);
	read_u16(&r); /* checksum */
	s.urgent = read_u16(&r);
	struct view bytes =
		read_view(&r, header < TCP_HEADER_SIZE ? SIZE_MAX : header - TCP_HEADER_SIZE);
	if (r.failed)
		return ERR_MALFORMED;
	if (bytes.size && !take_usual_options(bytes, &s))
		take_options(bytes, &s);
	s.payload = view_of(r.at, reader_left(&r));
	*ret = s;
	return OK;
}

bool tcp_is_sum_right(const struct ip_packet *ip)
{
	uint64_t sum = inet_sum_add(ip_pseudo_sum(ip), ip->payload.bytes, ip->payload.size);
	return inet_sum_fold(sum) == 0xffff;
}
