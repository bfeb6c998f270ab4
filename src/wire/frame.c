#include "wire/frame.h"

#include "base/reader.h"
#include "base/writer.h"
#include "wire/inet_sum.h"

enum {
	ETHERTYPE_AT = 2 * FRAME_MAC_SIZE,
	ETHERNET_SIZE = 14,
	ETHERTYPE_V4 = 0x0800,
	ETHERTYPE_V6 = 0x86dd,
	IPV4_SIZE = 20,
	IPV4_NO_OPTIONS = 0x45,
	IPV4_DONT_FRAGMENT = 0x4000,
	IPV4_FRAGMENT = 0x3fff, /* more of them, or not the first */
	PROTOCOL_UDP = 17,
	UDP_SIZE = 8,
	HOPS = 64,
};

/* The sum of what UDP protects of the IP header: addresses as they lie, length and protocol. */
static uint64_t pseudo_sum(const void *addresses, size_t addresses_size, size_t udp_size)
{
	uint8_t rest[4] = {(uint8_t)(udp_size >> 8), (uint8_t)udp_size, 0, PROTOCOL_UDP};
	return inet_sum_add(inet_sum_add(0, addresses, addresses_size), rest, sizeof(rest));
}

static bool is_group_mac(const uint8_t *mac)
{
	return mac[0] & 1;
}

/* An address that nobody on a wire has. */
static bool is_nobody(const struct address *a)
{
	static const uint8_t none_or_self[15];
	if (a->size == 4)
		return a->bytes[0] == 0 || a->bytes[0] == 127 || a->bytes[0] >= 224;
	return a->bytes[0] == 0xff ||
	       (memcmp(a->bytes, none_or_self, sizeof(none_or_self)) == 0 && a->bytes[15] <= 1);
}

static void set_addresses(struct frame *f, const uint8_t *pair, size_t size)
{
	f->source = address_from_bytes(pair, size);
	f->destination = address_from_bytes(pair + size, size);
}

/* Both return what the IP header says is inside. */
static struct reader read_v4(struct reader ip, struct frame *f)
{
	size_t left = reader_left(&ip);
	const uint8_t *header = ip.at;
	uint8_t version = read_u8(&ip);
	read_u8(&ip); /* traffic class */
	uint16_t size = read_u16(&ip);
	read_u16(&ip); /* identification */
	uint16_t fragment = read_u16(&ip);
	read_u8(&ip); /* time to live */
	uint8_t protocol = read_u8(&ip);
	read_u16(&ip); /* checksum */
	const uint8_t *addresses = read_bytes(&ip, 8);
	if (ip.failed || version != IPV4_NO_OPTIONS || fragment & IPV4_FRAGMENT ||
	    protocol != PROTOCOL_UDP || size < IPV4_SIZE || size > left ||
	    inet_sum_fold(inet_sum_add(0, header, IPV4_SIZE)) != 0xffff)
		return (struct reader){.failed = true};
	f->header_size = FRAME_HEADER_V4;
	set_addresses(f, addresses, 4);
	return reader_open(ip.at, size - IPV4_SIZE);
}

static struct reader read_v6(struct reader ip, struct frame *f)
{
	uint32_t version = read_u32(&ip);
	uint16_t size = read_u16(&ip);
	uint8_t protocol = read_u8(&ip);
	read_u8(&ip); /* hop limit */
	const uint8_t *addresses = read_bytes(&ip, 32);
	if (ip.failed || version >> 28 != 6 || protocol != PROTOCOL_UDP || size > reader_left(&ip))
		return (struct reader){.failed = true};
	f->header_size = FRAME_HEADER_V6;
	set_addresses(f, addresses, 16);
	/* an IPv4 address in an IPv6 header is nobody's (RFC 4291 s2.5.5.2 gives it to programs only) */
	if (f->source.size != 16 || f->destination.size != 16)
		return (struct reader){.failed = true};
	return reader_open(ip.at, size);
}

/* A sender on the same machine leaves the sum to a card that is not there, and has put in only that of the
 * addresses: as good, since nothing was on a wire. */
static bool is_sum_right(const struct frame *f, const uint8_t *udp, size_t size)
{
	uint16_t said;
	memcpy(&said, udp + 6, sizeof(said));
	if (said == 0)
		return f->source.size == 4;
	size_t addresses = 2u * f->source.size;
	uint64_t pseudo = pseudo_sum(udp - addresses, addresses, size);
	return inet_sum_fold(inet_sum_add(pseudo, udp, size)) == 0xffff ||
	       said == inet_sum_fold(pseudo);
}

int frame_parse(struct view bytes, struct frame *ret)
{
	struct frame f = {.bytes = bytes.bytes};
	struct reader r = reader_open(bytes.bytes, bytes.size);
	const uint8_t *macs = read_bytes(&r, ETHERTYPE_AT);
	uint16_t type = read_u16(&r);
	if (r.failed || is_group_mac(macs) || is_group_mac(macs + FRAME_MAC_SIZE) ||
	    (type != ETHERTYPE_V4 && type != ETHERTYPE_V6))
		return ERR_MALFORMED;
	struct reader udp = type == ETHERTYPE_V4 ? read_v4(r, &f) : read_v6(r, &f);
	const uint8_t *udp_bytes = udp.at;
	size_t left = reader_left(&udp);
	f.source_port = read_u16(&udp);
	f.destination_port = read_u16(&udp);
	uint16_t size = read_u16(&udp);
	read_u16(&udp); /* checksum */
	if (udp.failed || size < UDP_SIZE || size > left || f.source_port == 0 ||
	    is_nobody(&f.source) || is_nobody(&f.destination) ||
	    address_equal(&f.source, &f.destination))
		return ERR_MALFORMED;
	if (!is_sum_right(&f, udp_bytes, size))
		return ERR_CHECKSUM;
	f.payload = view_of(udp.at, size - UDP_SIZE);
	*ret = f;
	return OK;
}

static void store_sum(uint8_t *at, uint64_t sum)
{
	uint16_t complement = (uint16_t)~inet_sum_fold(sum);
	memcpy(at, &complement, sizeof(complement));
}

static void write_v4(struct writer *w, const struct frame *request, size_t udp_size)
{
	uint8_t *header = w->at;
	write_u8(w, IPV4_NO_OPTIONS);
	write_u8(w, 0); /* traffic class */
	write_u16(w, (uint16_t)(IPV4_SIZE + udp_size));
	write_u16(w, 0); /* identification: of no use without fragments (RFC 6864) */
	write_u16(w, IPV4_DONT_FRAGMENT);
	write_u8(w, HOPS);
	write_u8(w, PROTOCOL_UDP);
	write_u16(w, 0);
	write_bytes(w, request->destination.bytes, 4);
	write_bytes(w, request->source.bytes, 4);
	store_sum(header + 10, inet_sum_add(0, header, IPV4_SIZE));
}

static void write_v6(struct writer *w, const struct frame *request, size_t udp_size)
{
	write_u32(w, UINT32_C(6) << 28);
	write_u16(w, (uint16_t)udp_size);
	write_u8(w, PROTOCOL_UDP);
	write_u8(w, HOPS);
	write_bytes(w, request->destination.bytes, 16);
	write_bytes(w, request->source.bytes, 16);
}

/* Zero would say that there is no sum: it is sent as its other form (RFC 768). */
static void write_udp(struct writer *w, const struct frame *request, size_t udp_size)
{
	uint8_t *udp = w->at;
	write_u16(w, request->destination_port);
	write_u16(w, request->source_port);
	write_u16(w, (uint16_t)udp_size);
	write_u16(w, 0);
	size_t addresses = 2u * request->source.size;
	uint64_t pseudo = pseudo_sum(udp - addresses, addresses, udp_size);
	store_sum(udp + 6, inet_sum_add(pseudo, udp, udp_size));
	if (udp[6] == 0 && udp[7] == 0)
		udp[6] = udp[7] = 0xff;
}

size_t frame_reply(const struct frame *request, uint8_t *reply, size_t size)
{
	struct writer w = writer_open(reply, request->header_size);
	bool v4 = request->header_size == FRAME_HEADER_V4;
	size_t udp_size = UDP_SIZE + size;
	write_bytes(&w, request->bytes + FRAME_MAC_SIZE, FRAME_MAC_SIZE);
	write_bytes(&w, request->bytes, FRAME_MAC_SIZE);
	write_u16(&w, v4 ? ETHERTYPE_V4 : ETHERTYPE_V6);
	if (v4)
		write_v4(&w, request, udp_size);
	else
		write_v6(&w, request, udp_size);
	write_udp(&w, request, udp_size);
	size_t whole = request->header_size + size;
	if (whole >= FRAME_SIZE_MIN)
		return whole;
	memset(reply + whole, 0, FRAME_SIZE_MIN - whole);
	return FRAME_SIZE_MIN;
}
