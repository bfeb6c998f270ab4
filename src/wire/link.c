#include "wire/link.h"

#include "base/reader.h"
#include "wire/link_wireless.h"

enum {
	LENGTH_MAX = 1500, /* of a frame of IEEE 802.3: what is larger is a type */
	MAC_SIZE = 6,
	TYPE_IP4 = 0x0800,
	TYPE_CMD = 0x8909, /* Cisco's metadata: a security group tag */
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_QINQ_OLDER = 0x9200,
	TYPE_BACKBONE = 0x88e7,
	TYPE_IP6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_GROUP = 0x8848,
	TYPE_PPPOE = 0x8864,
	TYPE_BRIDGED = 0x6558,
	TYPE_NSH = 0x894f,
	PPP_IP4 = 0x0021,
	PPP_IP6 = 0x0057,
	PPP_MPLS = 0x0281,
	LLC_IP = 0x06,
	LLC_SNAP = 0xaa,
};

typedef int step_function(struct reader *r, struct layer_at *at);

/* --- Ethernet and what follows its type --- */

static int step_ethernet(struct reader *r, struct layer_at *at)
{
	read_bytes(r, 2 * MAC_SIZE);
	uint16_t type = read_u16(r);
	return layer_end_at(at, type <= LENGTH_MAX ? LAYER_LLC : LAYER_ETHERTYPE, type);
}

/* A tag before the type. */
static int step_tag(struct reader *r, struct layer_at *at, size_t size)
{
	read_bytes(r, size);
	uint16_t type = read_u16(r);
	return layer_end_at(at, type <= LENGTH_MAX ? LAYER_LLC : LAYER_ETHERTYPE, type);
}

static int step_pppoe(struct reader *r, struct layer_at *at)
{
	uint8_t version = read_u8(r), code = read_u8(r);
	read_u32(r); /* session, length */
	if (version != 0x11 || code != 0)
		return ERR_MISSING;
	return layer_end_at(at, LAYER_PPP, 0);
}

static int step_nsh(struct reader *r, struct layer_at *at)
{
	static const struct {
		enum layer layer;
		uint16_t number;
	} next[] = {[1] = {LAYER_ETHERTYPE, TYPE_IP4},
	            [2] = {LAYER_ETHERTYPE, TYPE_IP6},
	            [3] = {LAYER_ETHERNET, 0},
	            [4] = {LAYER_ETHERTYPE, TYPE_NSH},
	            [5] = {LAYER_MPLS, 0}};
	enum { BASE = 4 };
	read_u8(r);
	size_t size = (read_u8(r) & 0x3f) * 4u;
	read_u8(r);
	uint8_t protocol = read_u8(r);
	if (size < BASE || protocol >= sizeof(next) / sizeof(next[0]))
		return ERR_MISSING;
	read_bytes(r, size - BASE);
	return layer_end_at(at, next[protocol].layer, next[protocol].number);
}

static int step_ethertype(struct reader *r, struct layer_at *at)
{
	switch (at->number) {
	case TYPE_IP4:
	case TYPE_IP6: return layer_end_at(at, LAYER_IP, 0);
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_QINQ_OLD:
	case TYPE_QINQ_OLDER: return step_tag(r, at, 2);
	case TYPE_CMD: return step_tag(r, at, 6);
	case TYPE_BACKBONE: return step_tag(r, at, 4 + 2 * MAC_SIZE);
	case TYPE_MPLS:
	case TYPE_MPLS_GROUP: return layer_end_at(at, LAYER_MPLS, 0);
	case TYPE_PPPOE: return step_pppoe(r, at);
	case TYPE_BRIDGED: return layer_end_at(at, LAYER_ETHERNET, 0);
	case TYPE_NSH: return step_nsh(r, at);
	default: return ERR_MISSING;
	}
}

static int step_llc(struct reader *r, struct layer_at *at)
{
	uint8_t to = read_u8(r);
	read_u16(r); /* from, control */
	if (to == LLC_IP)
		return layer_end_at(at, LAYER_IP, 0);
	if (to != LLC_SNAP)
		return ERR_MISSING;
	read_bytes(r, 3); /* whose types: all write 0, and Cisco its own */
	return layer_end_at(at, LAYER_ETHERTYPE, read_u16(r));
}

/* Its protocol is one byte where both ends agreed on that: it is odd then. */
static int step_ppp(struct reader *r, struct layer_at *at)
{
	enum { ADDRESS = 0xff, CONTROL = 0x03 };
	if (reader_left(r) >= 2 && r->at[0] == ADDRESS && r->at[1] == CONTROL)
		read_u16(r);
	uint16_t protocol = read_u8(r);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | read_u8(r));
	if (protocol == PPP_IP4 || protocol == PPP_IP6)
		return layer_end_at(at, LAYER_IP, 0);
	return protocol == PPP_MPLS ? layer_end_at(at, LAYER_MPLS, 0) : ERR_MISSING;
}

/* Nothing says what is behind the last label: an IP packet, or, with a control word of zeros before it or none, a
 * frame of Ethernet. */
static int step_mpls(struct reader *r, struct layer_at *at)
{
	enum { LAST = 0x100 };
	while (!r->failed && !(read_u32(r) & LAST))
		;
	unsigned version = reader_left(r) ? r->at[0] >> 4 : 0;
	if (version == 4 || version == 6)
		return layer_end_at(at, LAYER_IP, 0);
	/* the word's flags and length are zero, and an address seldom begins so */
	if (reader_left(r) > 2 && r->at[0] == 0 && r->at[1] == 0)
		read_u32(r);
	return layer_end_at(at, LAYER_ETHERNET, 0);
}

/* --- link types --- */

static int open_ethernet(struct reader *r, struct layer_at *at)
{
	(void)r;
	return layer_end_at(at, LAYER_ETHERNET, 0);
}

static int open_ip(struct reader *r, struct layer_at *at)
{
	(void)r;
	return layer_end_at(at, LAYER_IP, 0);
}

/* A family in four bytes, in whatever order and of whatever system. The packet says it too. */
static int open_loopback(struct reader *r, struct layer_at *at)
{
	read_u32(r);
	return layer_end_at(at, LAYER_IP, 0);
}

static int end_cooked(struct layer_at *at, uint16_t protocol)
{
	enum { WITHOUT_LLC = 0x0001, WITH_LLC = 0x0004 };
	if (protocol == WITH_LLC || protocol == WITHOUT_LLC)
		return layer_end_at(at, LAYER_LLC, 0);
	return layer_end_at(at, LAYER_ETHERTYPE, protocol);
}

static int open_sll(struct reader *r, struct layer_at *at)
{
	read_bytes(r, 14);
	return end_cooked(at, read_u16(r));
}

static int open_sll2(struct reader *r, struct layer_at *at)
{
	uint16_t protocol = read_u16(r);
	read_bytes(r, 18);
	return end_cooked(at, protocol);
}

static int open_ppp(struct reader *r, struct layer_at *at)
{
	(void)r;
	return layer_end_at(at, LAYER_PPP, 0);
}

static int open_ppp_with_direction(struct reader *r, struct layer_at *at)
{
	read_u8(r);
	return layer_end_at(at, LAYER_PPP, 0);
}

static int open_pppoe(struct reader *r, struct layer_at *at)
{
	return step_pppoe(r, at);
}

/* PPP in HDLC frames, or Cisco's own. */
static int open_hdlc(struct reader *r, struct layer_at *at)
{
	enum { PPP_ADDRESS = 0xff };
	if (reader_left(r) && r->at[0] == PPP_ADDRESS)
		return layer_end_at(at, LAYER_PPP, 0);
	read_u16(r);
	return layer_end_at(at, LAYER_ETHERTYPE, read_u16(r));
}

static int open_fddi(struct reader *r, struct layer_at *at)
{
	read_bytes(r, 13);
	return layer_end_at(at, LAYER_LLC, 0);
}

static int open_llc(struct reader *r, struct layer_at *at)
{
	(void)r;
	return layer_end_at(at, LAYER_LLC, 0);
}

/* Linux's netfilter log: records of length and type, in its machine's order, of which one is the packet. */
static int open_nflog(struct reader *r, struct layer_at *at)
{
	enum { PAYLOAD = 9, HEADER = 4 };
	read_u32(r);
	while (!r->failed) {
		const uint8_t *head = read_bytes(r, HEADER);
		if (!head)
			break;
		bool is_big = head[0] == 0 && head[1] >= HEADER && head[2] == 0;
		size_t size = is_big ? head[1] : head[0] | (size_t)head[1] << 8;
		unsigned type = is_big ? head[3] : head[2] | (unsigned)head[3] << 8;
		if (type == PAYLOAD)
			return layer_end_at(at, LAYER_IP, 0);
		if (size < HEADER)
			return ERR_MISSING;
		read_bytes(r, ((size + 3) & ~(size_t)3) - HEADER);
	}
	return ERR_TRUNCATED;
}

static int open_pflog(struct reader *r, struct layer_at *at)
{
	size_t size = read_u8(r);
	read_bytes(r, ((size + 3) & ~(size_t)3) - (size ? 1 : 0));
	return layer_end_at(at, LAYER_IP, 0);
}

static int open_enc(struct reader *r, struct layer_at *at)
{
	read_bytes(r, 12);
	return layer_end_at(at, LAYER_IP, 0);
}

/* A header in front that says how long it is and which link is behind it, in little-endian order. */
static int open_pktap(struct reader *r, struct layer_at *at)
{
	const uint8_t *head = read_bytes(r, 12);
	if (!head)
		return ERR_TRUNCATED;
	size_t size = head[0] | (size_t)head[1] << 8;
	if (size < 12)
		return ERR_MISSING;
	read_bytes(r, size - 12);
	return layer_end_at(at, LAYER_LINK, (uint16_t)(head[8] | head[9] << 8));
}

static int open_ppi(struct reader *r, struct layer_at *at)
{
	const uint8_t *head = read_bytes(r, 8);
	if (!head)
		return ERR_TRUNCATED;
	size_t size = head[2] | (size_t)head[3] << 8;
	if (size < 8)
		return ERR_MISSING;
	read_bytes(r, size - 8);
	return layer_end_at(at, LAYER_LINK, (uint16_t)(head[4] | head[5] << 8));
}

static const struct link {
	uint16_t number; /* LINKTYPE_ */
	step_function *open;
} links[] = {
	{0, open_loopback},             /* NULL */
	{1, open_ethernet},             /* ETHERNET */
	{9, open_ppp},                  /* PPP */
	{10, open_fddi},                /* FDDI */
	{12, open_ip},                  /* RAW, as some systems write it */
	{14, open_ip},                  /* RAW, OpenBSD */
	{50, open_hdlc},                /* PPP_HDLC */
	{51, open_pppoe},               /* PPP_ETHER */
	{100, open_llc},                /* ATM_RFC1483 */
	{101, open_ip},                 /* RAW */
	{104, open_hdlc},               /* C_HDLC */
	{105, link_open_wireless},      /* IEEE802_11 */
	{108, open_loopback},           /* LOOP */
	{109, open_enc},                /* ENC */
	{113, open_sll},                /* LINUX_SLL */
	{117, open_pflog},              /* PFLOG */
	{119, link_open_prism},         /* IEEE802_11_PRISM */
	{127, link_open_radiotap},      /* IEEE802_11_RADIOTAP */
	{149, open_pktap},              /* PKTAP, as macOS writes it */
	{163, link_open_avs},           /* IEEE802_11_AVS */
	{166, open_ppp_with_direction}, /* PPP_PPPD */
	{192, open_ppi},                /* PPI */
	{204, open_ppp_with_direction}, /* PPP_WITH_DIR */
	{228, open_ip},                 /* IPV4 */
	{229, open_ip},                 /* IPV6 */
	{239, open_nflog},              /* NFLOG */
	{258, open_pktap},              /* PKTAP */
	{276, open_sll2},               /* LINUX_SLL2 */
};

static int step_link(struct reader *r, struct layer_at *at)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].number == at->number)
			return links[i].open(r, at);
	return ERR_VERSION;
}

static step_function *const steps[LAYERS] = {
	[LAYER_ETHERNET] = step_ethernet, [LAYER_ETHERTYPE] = step_ethertype,
	[LAYER_LLC] = step_llc,           [LAYER_PPP] = step_ppp,
	[LAYER_MPLS] = step_mpls,         [LAYER_LINK] = step_link,
};

static int end_ip(struct view packet, struct view *ret_ip)
{
	unsigned version = packet.size ? packet.bytes[0] >> 4 : 0;
	if (packet.size == 0)
		return ERR_TRUNCATED;
	if (version != 4 && version != 6)
		return ERR_MISSING;
	*ret_ip = packet;
	return OK;
}

int link_find_ip_from(struct layer_at at, struct view *ret_ip)
{
	for (unsigned n = 0; n < LINK_LAYERS_MAX; n++) {
		if (at.layer == LAYER_IP)
			return end_ip(at.rest, ret_ip);
		if (at.layer == LAYER_NONE)
			return ERR_MISSING;
		struct reader r = reader_open(at.rest.bytes, at.rest.size);
		int code = steps[at.layer](&r, &at);
		if (r.failed)
			return ERR_TRUNCATED;
		if (code != OK)
			return code;
		at.rest = view_of(r.at, reader_left(&r));
	}
	return ERR_MISSING;
}

int link_find_ip(uint16_t link, struct view frame, struct view *ret_ip)
{
	return link_find_ip_from((struct layer_at){LAYER_LINK, link, frame}, ret_ip);
}
