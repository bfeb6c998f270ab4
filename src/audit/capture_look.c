/* Whose a packet is. Nearly all are TCP or UDP in IP in Ethernet, and are told by a few loads; for the others every layer
 * is read in turn. */
#include "audit/capture_internal.h"
#include "audit/coverage.h"
#include "wire/link.h"
#include "wire/tcp.h"
#include "wire/tunnel.h"
#include "wire/udp.h"

enum { LINK_ETHERNET = 1, ETHERNET_SIZE = 14, FRAGMENT_BITS = 0x3fff };

static inline uint16_t load16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t load32(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

static inline uint64_t load64(const uint8_t *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

static inline void set_hash(const struct capture *c, struct seen *s)
{
	s->hash =
		judged_hash(c->judged, &s->source, &s->destination, s->protocol, &s->source_is_low);
}

/* `left`: bytes behind the IP header, of which `there` were captured. False: too few were. */
static inline bool look_tcp(struct seen *s, const uint8_t *at, size_t there)
{
	enum { OFFSET_AT = 12, FLAGS_AT = 13 };
	if (there < TCP_HEADER_SIZE)
		return false;
	size_t header = (at[OFFSET_AT] >> 4) * 4u;
	s->flags = at[FLAGS_AT];
	s->payload = view_skip(view_of(at, there), header);
	return header >= TCP_HEADER_SIZE;
}

static inline bool look_udp(struct seen *s, const uint8_t *at, size_t there)
{
	if (there < UDP_HEADER_SIZE)
		return false;
	s->payload = view_of(at + UDP_HEADER_SIZE, there - UDP_HEADER_SIZE);
	return true;
}

/* Ports and payload of what is known to be TCP or UDP. */
static inline void look_transport(const struct capture *c, struct seen *s, const uint8_t *at,
                                  size_t there)
{
	bool is_there = s->protocol == FLOW_TCP ? look_tcp(s, at, there) : look_udp(s, at, there);
	if (!is_there) {
		s->protocol = 0;
		return;
	}
	s->source.port = load16(at);
	s->destination.port = load16(at + 2);
	set_hash(c, s);
}

static inline bool is_transport(uint8_t protocol)
{
	return protocol == FLOW_TCP || protocol == FLOW_UDP;
}

/* A packet that may hold another one is opened slowly. */
static inline bool may_be_tunnel(uint8_t protocol, const uint8_t *at, size_t there)
{
	if (protocol == FLOW_TCP)
		return false;
	if (protocol == FLOW_UDP)
		return there >= UDP_HEADER_SIZE &&
		       (tunnel_is_port(load16(at)) || tunnel_is_port(load16(at + 2)));
	return tunnel_is_protocol(protocol);
}

static inline bool look4(const struct capture *c, struct view ip, struct seen *s)
{
	if (ip.size < IP4_HEADER_SIZE)
		return true;
	const uint8_t *at = ip.bytes;
	size_t header = (at[0] & 15) * 4u, size = load16(at + 2);
	uint8_t protocol = at[9];
	if (header < IP4_HEADER_SIZE || header > ip.size)
		return true;
	s->size = (uint32_t)(size >= header ? size : ip.size);
	size_t there = s->size < ip.size ? s->size : ip.size;
	if (load16(at + 6) & FRAGMENT_BITS || may_be_tunnel(protocol, at + header, there - header))
		return false;
	if (!is_transport(protocol))
		return true;
	s->packet = view_of(at, there);
	s->protocol = protocol;
	s->source = (struct judged_end){.low = load32(at + 12)};
	s->destination = (struct judged_end){.low = load32(at + 16)};
	look_transport(c, s, at + header, there - header);
	return true;
}

static inline void set_ends6(struct seen *s, const uint8_t *pair)
{
	s->source = (struct judged_end){.high = load64(pair), .low = load64(pair + 8)};
	s->destination = (struct judged_end){.high = load64(pair + 16), .low = load64(pair + 24)};
}

static inline bool look6(const struct capture *c, struct view ip, struct seen *s)
{
	if (ip.size < IP6_HEADER_SIZE)
		return true;
	const uint8_t *at = ip.bytes;
	uint8_t protocol = at[6];
	size_t size = load16(at + 4) + (size_t)IP6_HEADER_SIZE;
	s->size = (uint32_t)(size > IP6_HEADER_SIZE ? size : ip.size);
	size_t there = s->size < ip.size ? s->size : ip.size;
	const uint8_t *behind = at + IP6_HEADER_SIZE;
	if (!is_transport(protocol) || may_be_tunnel(protocol, behind, there - IP6_HEADER_SIZE))
		return false;
	s->packet = view_of(at, there);
	s->protocol = protocol;
	set_ends6(s, at + 8);
	look_transport(c, s, behind, there - IP6_HEADER_SIZE);
	return true;
}

/* False: it must be looked at slowly. */
static inline bool look_ip(const struct capture *c, struct view ip, struct seen *s)
{
	unsigned version = ip.size ? ip.bytes[0] >> 4 : 0;
	return version == 4 ? look4(c, ip, s) : version == 6 ? look6(c, ip, s) : true;
}

static bool find_ip(struct capture *c, const struct capture_packet *p, struct view *ret)
{
	int r = link_find_ip(p->link, p->bytes, ret);
	if (r == ERR_VERSION)
		coverage_not_understood(c->context, view_text("a link type that is not known"));
	return r == OK;
}

bool capture_look(struct capture *c, const struct capture_packet *p, struct seen *ret)
{
	const uint8_t *at = p->bytes.bytes;
	struct view ip;
	ret->protocol = 0;
	if (p->link == LINK_ETHERNET && p->bytes.size > ETHERNET_SIZE + IP4_HEADER_SIZE) {
		uint16_t type = load16(at + 12);
		if (type == 0x0800 || type == 0x86dd)
			return look_ip(c, view_skip(p->bytes, ETHERNET_SIZE), ret);
	}
	return !find_ip(c, p, &ip) || look_ip(c, ip, ret);
}

/* --- fragments, extension headers, tunnels --- */

/* The first fragment of a DNS answer has the question, and the others may never come. */
static bool is_dns_fragment(const struct ip_packet *ip)
{
	enum { DNS_PORT = 53 };
	return ip->fragment_offset == 0 && ip->protocol == IP_UDP && ip->source.size == 4 &&
	       ip->payload.size > UDP_HEADER_SIZE &&
	       (load16(ip->payload.bytes) == DNS_PORT || load16(ip->payload.bytes + 2) == DNS_PORT);
}

/* What a fragment completes; false: nothing yet. */
static bool take_fragment(struct capture *c, int64_t time_us, struct view *packet,
                          struct ip_packet *ip)
{
	struct view whole;
	if (fragments_take(&c->fragments, *packet, ip, time_us, &whole) == OK)
		*packet = whole;
	else if (is_dns_fragment(ip))
		*packet = capture_mend_fragment(*packet, c->room);
	else
		return false;
	return ip_parse(*packet, ip) == OK;
}

/* A packet that stands for itself, whatever headers are before its ports. */
static void look_parsed(const struct capture *c, struct view packet, const struct ip_packet *ip,
                        struct seen *s)
{
	if (!is_transport(ip->protocol))
		return;
	s->packet = packet;
	s->size = (uint32_t)packet.size;
	s->protocol = ip->protocol;
	if (ip->source.size == 4) {
		s->source = (struct judged_end){.low = load32(ip->source.bytes)};
		s->destination = (struct judged_end){.low = load32(ip->destination.bytes)};
	} else {
		set_ends6(s, ip->addresses.bytes);
	}
	look_transport(c, s, ip->payload.bytes, ip->payload.size);
}

void capture_look_slowly(struct capture *c, const struct capture_packet *p, struct seen *ret)
{
	struct view packet;
	struct ip_packet ip;
	if (!find_ip(c, p, &packet))
		return;
	for (unsigned depth = 0; depth < TUNNEL_DEPTH_MAX; depth++) {
		packet = capture_mend(packet, c->room);
		if (ip_parse(packet, &ip) != OK)
			return;
		if (ip.is_fragment && !take_fragment(c, p->time_us, &packet, &ip))
			return;
		struct view inner;
		if (tunnel_open(&ip, &inner) != OK)
			break;
		packet = inner;
		if (look_ip(c, packet, ret))
			return;
	}
	look_parsed(c, packet, &ip, ret);
}
