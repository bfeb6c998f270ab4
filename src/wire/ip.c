#include "wire/ip.h"

#include "base/reader.h"
#include "wire/inet_sum.h"

enum {
	FRAGMENT_OFFSET = 0x1fff,
	FRAGMENT_MORE = 0x2000,
	HOP_BY_HOP = 0,
	ROUTING = 43,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140,
	IP4_CHECKSUM_AT = 10,
	IP6_NEXT_AT = 6,
	IP4_LOOSE_ROUTE = 131,
	IP4_STRICT_ROUTE = 137,
};

static void set_addresses(struct ip_packet *p, const uint8_t *pair, size_t size)
{
	p->addresses = view_of(pair, 2 * size);
	p->source = address_from_bytes(pair, size);
	p->destination = address_from_bytes(pair + size, size);
}

/* A source route with places left to visit (RFC 791 s3.1). */
static bool has_route4(struct view options)
{
	struct reader r = reader_open(options.bytes, options.size);
	while (!r.failed && reader_left(&r)) {
		uint8_t kind = read_u8(&r);
		if (kind == 0)
			return false;
		if (kind == 1)
			continue;
		uint8_t size = read_u8(&r);
		struct view rest = read_view(&r, size < 2 ? SIZE_MAX : size - 2u);
		if ((kind == IP4_LOOSE_ROUTE || kind == IP4_STRICT_ROUTE) && rest.size &&
		    rest.bytes[0] <= size)
			return true;
	}
	return false;
}

static void set_fragment(struct ip_packet *p, uint16_t offset_and_flags, unsigned unit,
                         bool has_more, uint32_t id)
{
	p->fragment_offset = (uint16_t)(offset_and_flags * unit);
	p->has_more_fragments = has_more;
	p->is_fragment = has_more || p->fragment_offset;
	p->fragment_id = id;
}

/* A fragment must end on a multiple of 8 unless it is the last, and within 65535 bytes. */
static bool is_fragment_right(const struct ip_packet *p)
{
	return !p->is_fragment ||
	       (p->payload.size && p->fragment_offset + p->payload.size <= 65535 &&
	        (!p->has_more_fragments || p->payload.size % 8 == 0));
}

static int parse_v4(struct view bytes, struct ip_packet *p)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	size_t header = (read_u8(&r) & 15) * 4u;
	read_u8(&r); /* service, congestion */
	size_t size = read_u16(&r);
	uint16_t id = read_u16(&r);
	uint16_t fragment = read_u16(&r);
	p->hops = read_u8(&r);
	p->protocol = read_u8(&r);
	read_u16(&r); /* checksum */
	const uint8_t *addresses = read_bytes(&r, 8);
	if (r.failed)
		return ERR_TRUNCATED;
	if (header < IP4_HEADER_SIZE || size < header)
		return ERR_MALFORMED;
	struct view options = read_view(&r, header - IP4_HEADER_SIZE);
	if (r.failed || size > bytes.size)
		return ERR_TRUNCATED;
	if (inet_sum_fold(inet_sum_add(0, bytes.bytes, header)) != 0xffff)
		return ERR_CHECKSUM;
	set_addresses(p, addresses, 4);
	p->has_route = has_route4(options);
	p->header_size = header;
	p->payload = view_of(r.at, size - header);
	set_fragment(p, fragment & FRAGMENT_OFFSET, 8, fragment & FRAGMENT_MORE, id);
	return is_fragment_right(p) ? OK : ERR_MALFORMED;
}

static bool is_extension(uint8_t protocol)
{
	return protocol == HOP_BY_HOP || protocol == ROUTING || protocol == IP_IPV6_FRAGMENT ||
	       protocol == AUTHENTICATION || protocol == DESTINATION || protocol == MOBILITY ||
	       protocol == HIP || protocol == SHIM6;
}

/* Reads the header that p->protocol names, and moves on to the next. */
static void read_extension(struct reader *r, const uint8_t *start, struct ip_packet *p,
                           size_t *next_at)
{
	uint8_t kind = p->protocol;
	size_t at = (size_t)(r->at - start);
	p->protocol = read_u8(r);
	size_t units = read_u8(r);
	if (kind == IP_IPV6_FRAGMENT) {
		uint16_t fragment = read_u16(r);
		set_fragment(p, fragment & 0xfff8, 1, fragment & 1, read_u32(r));
		p->fragment_header_at = at;
		p->next_header_at = *next_at;
	} else if (kind == AUTHENTICATION) {
		read_bytes(r, (units + 2) * 4 - 2);
	} else {
		struct view rest = read_view(r, (units + 1) * 8 - 2);
		if (kind == ROUTING && rest.size && rest.bytes[1])
			p->has_route = true;
	}
	*next_at = at;
}

static int parse_v6(struct view bytes, struct ip_packet *p)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	read_u32(&r); /* version, class, label */
	size_t size = read_u16(&r);
	p->protocol = read_u8(&r);
	p->hops = read_u8(&r);
	const uint8_t *addresses = read_bytes(&r, 32);
	if (r.failed || size > reader_left(&r))
		return ERR_TRUNCATED;
	set_addresses(p, addresses, 16);
	/* an IPv4 address in an IPv6 header is nobody's (RFC 4291 s2.5.5.2 gives it to programs only) */
	if (p->source.size != 16 || p->destination.size != 16)
		return ERR_MALFORMED;
	r = reader_open(r.at, size);
	size_t next_at = IP6_NEXT_AT;
	while (is_extension(p->protocol) && !p->is_fragment && !r.failed)
		read_extension(&r, bytes.bytes, p, &next_at);
	if (r.failed)
		return ERR_MALFORMED;
	p->header_size = (size_t)(r.at - bytes.bytes);
	p->payload = view_of(r.at, reader_left(&r));
	return is_fragment_right(p) ? OK : ERR_MALFORMED;
}

int ip_parse(struct view packet, struct ip_packet *ret)
{
	struct ip_packet p = {0};
	if (packet.size == 0)
		return ERR_TRUNCATED;
	unsigned version = packet.bytes[0] >> 4;
	if (version != 4 && version != 6)
		return ERR_MALFORMED;
	int r = version == 4 ? parse_v4(packet, &p) : parse_v6(packet, &p);
	if (r == OK)
		*ret = p;
	return r;
}

uint64_t ip_pseudo_sum(const struct ip_packet *p)
{
	size_t size = p->payload.size;
	uint8_t rest[4] = {(uint8_t)(size >> 8), (uint8_t)size, 0, p->protocol};
	return inet_sum_add(inet_sum_add(0, p->addresses.bytes, p->addresses.size), rest,
	                    sizeof(rest));
}

void ip4_set_checksum(uint8_t *header, size_t size)
{
	memset(header + IP4_CHECKSUM_AT, 0, 2);
	uint16_t sum = (uint16_t)~inet_sum_fold(inet_sum_add(0, header, size));
	memcpy(header + IP4_CHECKSUM_AT, &sum, sizeof(sum));
}
