#include "wire/tunnel.h"

#include "base/reader.h"
#include "wire/link.h"
#include "wire/udp.h"

enum {
	LINK_WIRELESS = 105,
	IP_IP4 = 4,
	IP_IP6 = 41,
	IP_GRE = 47,
	IP_ETHERIP = 97,
	IP_MPLS = 137,
	TYPE_IP4 = 0x0800,
	TYPE_IP6 = 0x86dd,
	TYPE_BRIDGED = 0x6558,
	TYPE_PPP = 0x880b,
	TYPE_ERSPAN = 0x88be, /* I and II */
	TYPE_ERSPAN_3 = 0x22eb,
	TYPE_ARUBA = 0x8200, /* an access point's frames */
	TYPE_ARUBA_LAST = 0x823f,
};

typedef int open_function(struct reader *r, struct layer_at *at);

/* --- GRE --- */

static int open_erspan_3(struct reader *r, struct layer_at *at)
{
	read_bytes(r, 11);
	uint8_t options = read_u8(r);
	if (options & 1) /* what a platform adds */
		read_bytes(r, 8);
	return layer_end_at(at, LAYER_ETHERNET, 0);
}

/* The first ERSPAN has neither a sequence number nor a header. */
static int open_erspan(struct reader *r, struct layer_at *at, bool has_sequence)
{
	if (has_sequence)
		read_bytes(r, 8);
	return layer_end_at(at, LAYER_ETHERNET, 0);
}

static int open_gre(struct reader *r, struct layer_at *at)
{
	enum {
		CHECKSUM = 0x8000,
		ROUTING = 0x4000,
		KEY = 0x2000,
		SEQUENCE = 0x1000,
		ACKNOWLEDGED = 0x0080,
		VERSION = 0x0007,
		PPTP = 1,
	};
	uint16_t flags = read_u16(r), type = read_u16(r);
	unsigned version = flags & VERSION;
	if (version > PPTP || flags & ROUTING || (version == PPTP && type != TYPE_PPP))
		return ERR_MISSING;
	if (flags & CHECKSUM)
		read_u32(r);
	if (flags & KEY)
		read_u32(r);
	if (flags & SEQUENCE)
		read_u32(r);
	if (version == PPTP && flags & ACKNOWLEDGED)
		read_u32(r);
	if (type == TYPE_PPP)
		return layer_end_at(at, LAYER_PPP, 0);
	if (type == TYPE_ERSPAN)
		return open_erspan(r, at, flags & SEQUENCE);
	if (type == TYPE_ERSPAN_3)
		return open_erspan_3(r, at);
	if (type >= TYPE_ARUBA && type <= TYPE_ARUBA_LAST)
		return layer_end_at(at, LAYER_LINK, LINK_WIRELESS);
	return layer_end_at(at, LAYER_ETHERTYPE, type);
}

/* --- over UDP --- */

static int open_vxlan_any(struct reader *r, struct layer_at *at, bool has_protocol)
{
	enum { HAS_NETWORK = 0x08, HAS_PROTOCOL = 0x04, IP4 = 1, IP6 = 2, ETHERNET = 3 };
	uint8_t flags = read_u8(r);
	read_u16(r);
	uint8_t protocol = read_u8(r);
	read_u32(r); /* network */
	if (!(flags & HAS_NETWORK))
		return ERR_MISSING;
	if (!has_protocol || !(flags & HAS_PROTOCOL) || protocol == ETHERNET)
		return layer_end_at(at, LAYER_ETHERNET, 0);
	return protocol == IP4 || protocol == IP6 ? layer_end_at(at, LAYER_IP, 0) : ERR_MISSING;
}

static int open_vxlan(struct reader *r, struct layer_at *at)
{
	return open_vxlan_any(r, at, false); /* its other flags are reserved, and mean nothing */
}

static int open_vxlan_gpe(struct reader *r, struct layer_at *at)
{
	return open_vxlan_any(r, at, true);
}

static int open_geneve(struct reader *r, struct layer_at *at)
{
	enum { VERSION = 0xc0, OPTIONS = 0x3f };
	uint8_t first = read_u8(r);
	read_u8(r);
	uint16_t type = read_u16(r);
	read_u32(r); /* network */
	if (first & VERSION)
		return ERR_MISSING;
	read_bytes(r, (first & OPTIONS) * 4u);
	return layer_end_at(at, LAYER_ETHERTYPE, type);
}

static void skip_gtp_extensions(struct reader *r, uint8_t next)
{
	while (next && !r->failed) {
		size_t units = read_u8(r);
		if (units == 0) {
			r->failed = true;
			return;
		}
		read_bytes(r, units * 4 - 2);
		next = read_u8(r);
	}
}

static int open_gtp(struct reader *r, struct layer_at *at)
{
	enum { VERSION_1 = 0x30, KIND = 0xf0, HAS_MORE = 0x07, HAS_NEXT = 0x04, PACKET = 0xff };
	uint8_t flags = read_u8(r), message = read_u8(r);
	read_u16(r);
	read_u32(r); /* tunnel */
	if ((flags & KIND) != VERSION_1 || message != PACKET)
		return ERR_MISSING;
	if (flags & HAS_MORE) {
		read_bytes(r, 3);
		uint8_t next = read_u8(r);
		skip_gtp_extensions(r, flags & HAS_NEXT ? next : 0);
	}
	return layer_end_at(at, LAYER_IP, 0);
}

/* An indication of the sender's place and an authentication may stand before the packet. */
static int open_teredo(struct reader *r, struct layer_at *at)
{
	enum { AUTHENTICATION = 1, AUTHENTICATION_SIZE = 13, ORIGIN = 0, ORIGIN_SIZE = 8 };
	if (reader_left(r) > 4 && r->at[0] == 0 && r->at[1] == AUTHENTICATION)
		read_bytes(r, AUTHENTICATION_SIZE + r->at[2] + (size_t)r->at[3]);
	if (reader_left(r) > ORIGIN_SIZE && r->at[0] == 0 && r->at[1] == ORIGIN)
		read_bytes(r, ORIGIN_SIZE);
	if (reader_left(r) == 0 || r->at[0] >> 4 != 6)
		return ERR_MISSING;
	return layer_end_at(at, LAYER_IP, 0);
}

static int open_l2tp(struct reader *r, struct layer_at *at)
{
	enum {
		CONTROL = 0x8000,
		LENGTH = 0x4000,
		SEQUENCE = 0x0800,
		OFFSET = 0x0200,
		VERSION = 0x000f,
	};
	uint16_t flags = read_u16(r);
	if (flags & CONTROL || (flags & VERSION) != 2)
		return ERR_MISSING;
	if (flags & LENGTH)
		read_u16(r);
	read_u32(r); /* tunnel, session */
	if (flags & SEQUENCE)
		read_u32(r);
	if (flags & OFFSET)
		read_bytes(r, read_u16(r));
	return layer_end_at(at, LAYER_PPP, 0);
}

/* From access points: frames as they were on the air, or of Ethernet. A fragment of one is none. */
static int open_capwap(struct reader *r, struct layer_at *at)
{
	enum { SIZE_SHIFT = 3, IS_NATIVE = 1, WIRELESS = 1, KIND_MASK = 0x1f, IS_FRAGMENT = 0x80 };
	uint8_t version = read_u8(r);
	size_t size = (read_u8(r) >> SIZE_SHIFT) * 4u;
	uint8_t kind = read_u8(r), flags = read_u8(r);
	if (version != 0 || size < 8 || flags & IS_FRAGMENT)
		return ERR_MISSING;
	read_bytes(r, size - 4);
	if (!(kind & IS_NATIVE))
		return layer_end_at(at, LAYER_ETHERNET, 0);
	if ((kind >> 1 & KIND_MASK) != WIRELESS)
		return ERR_MISSING;
	return layer_end_at(at, LAYER_LINK, LINK_WIRELESS);
}

/* To IPv6 brokers: who sends, signed, then a packet. */
static int open_ayiya(struct reader *r, struct layer_at *at)
{
	enum { SIZE_SHIFT = 4, FORWARD = 1, FIXED = 8 };
	size_t identity = (size_t)1 << (read_u8(r) >> SIZE_SHIFT);
	size_t signature = (read_u8(r) >> SIZE_SHIFT) * (size_t)4;
	uint8_t operation = read_u8(r) & 0x0f;
	read_bytes(r, FIXED - 3 + identity + signature);
	return operation == FORWARD ? layer_end_at(at, LAYER_IP, 0) : ERR_MISSING;
}

static int open_mpls(struct reader *r, struct layer_at *at)
{
	(void)r;
	return layer_end_at(at, LAYER_MPLS, 0);
}

static const struct {
	uint16_t port;
	open_function *open;
} over_udp[] = {
	{1701, open_l2tp},   {2152, open_gtp},       {3544, open_teredo}, {4754, open_gre},
	{4789, open_vxlan},  {4790, open_vxlan_gpe}, {5072, open_ayiya},  {5247, open_capwap},
	{6081, open_geneve}, {6635, open_mpls},      {8472, open_vxlan},
};

static open_function *find_over_udp(uint16_t port)
{
	for (size_t i = 0; i < sizeof(over_udp) / sizeof(over_udp[0]); i++)
		if (over_udp[i].port == port)
			return over_udp[i].open;
	return NULL;
}

/* --- what carries what --- */

static int open_with(open_function *open, struct view bytes, struct view *ret_inner)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	struct layer_at at = {0};
	if (open(&r, &at) != OK || r.failed)
		return ERR_MISSING;
	at.rest = view_of(r.at, reader_left(&r));
	return link_find_ip_from(at, ret_inner) == OK ? OK : ERR_MISSING;
}

/* What only happens to begin like a tunnel's header must not be taken for a packet. */
static bool may_be_packet(struct view inner)
{
	if (inner.size < IP4_HEADER_SIZE)
		return false;
	if (inner.bytes[0] >> 4 == 6)
		return inner.size >= IP6_HEADER_SIZE;
	size_t size = (size_t)inner.bytes[2] << 8 | inner.bytes[3];
	return (inner.bytes[0] & 15) * 4 >= IP4_HEADER_SIZE && size >= IP4_HEADER_SIZE;
}

static int open_udp(const struct ip_packet *ip, struct view *ret_inner)
{
	struct udp_datagram d;
	if (udp_parse(ip->payload, &d) != OK)
		return ERR_MISSING;
	open_function *open = find_over_udp(d.destination_port);
	if (!open)
		open = find_over_udp(d.source_port);
	return open ? open_with(open, d.payload, ret_inner) : ERR_MISSING;
}

static int end_ip(struct view packet, unsigned version, struct view *ret_inner)
{
	if (packet.size == 0 || packet.bytes[0] >> 4 != version)
		return ERR_MISSING;
	*ret_inner = packet;
	return OK;
}

static int open_etherip(struct reader *r, struct layer_at *at)
{
	if (read_u16(r) != 0x3000)
		return ERR_MISSING;
	return layer_end_at(at, LAYER_ETHERNET, 0);
}

static int open_any(const struct ip_packet *ip, struct view *ret_inner)
{
	switch (ip->protocol) {
	case IP_IP4: return end_ip(ip->payload, 4, ret_inner);
	case IP_IP6: return end_ip(ip->payload, 6, ret_inner);
	case IP_GRE: return open_with(open_gre, ip->payload, ret_inner);
	case IP_ETHERIP: return open_with(open_etherip, ip->payload, ret_inner);
	case IP_MPLS: return open_with(open_mpls, ip->payload, ret_inner);
	case IP_UDP: return open_udp(ip, ret_inner);
	default: return ERR_MISSING;
	}
}

int tunnel_open(const struct ip_packet *ip, struct view *ret_inner)
{
	struct view inner;
	int r = open_any(ip, &inner);
	if (r != OK || !may_be_packet(inner))
		return ERR_MISSING;
	*ret_inner = inner;
	return OK;
}
