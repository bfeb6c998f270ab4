#include "wire/link_wireless.h"

enum {
	LINK_WIRELESS = 105,
	TYPE_DATA = 2,
	SUBTYPE_NO_DATA = 0x40,
	SUBTYPE_QOS = 0x80,
	FLAG_TO_DS = 1,
	FLAG_FROM_DS = 2,
	FLAG_MORE_FRAGMENTS = 4,
	FLAG_PROTECTED = 0x40,
	FLAG_ORDER = 0x80,
	QOS_AGGREGATE = 0x80,
	MAC_SIZE = 6,
};

/* Of several packets in one frame (A-MSDU) the first is read. */
static void skip_aggregate(struct reader *r)
{
	read_bytes(r, 2 * MAC_SIZE + 2);
}

int link_open_wireless(struct reader *r, struct layer_at *at)
{
	enum { VERSION = 3 };
	uint8_t kind = read_u8(r), flags = read_u8(r);
	/* Cisco's access points turn the bytes of numbers round in their tunnels; there is no version but 0 */
	bool is_turned = kind & VERSION && !(flags & VERSION);
	if (is_turned) {
		uint8_t turned = kind;
		kind = flags;
		flags = turned;
	}
	if ((kind >> 2 & 3) != TYPE_DATA || kind & SUBTYPE_NO_DATA || flags & FLAG_PROTECTED)
		return ERR_MISSING;
	read_bytes(r, 2 + 3 * MAC_SIZE);
	uint16_t sequence = read_u16(r);
	/* of a fragment only the first begins with a header; its number is in the low half of the low byte */
	if ((is_turned ? sequence : sequence >> 8) & 0x0f)
		return ERR_MISSING;
	if ((flags & FLAG_TO_DS) && (flags & FLAG_FROM_DS))
		read_bytes(r, MAC_SIZE);
	bool is_aggregate = false;
	if (kind & SUBTYPE_QOS) {
		is_aggregate = read_u16(r) >> 8 & QOS_AGGREGATE;
		if (flags & FLAG_ORDER)
			read_u32(r);
	}
	if (is_aggregate)
		skip_aggregate(r);
	at->layer = LAYER_LLC;
	return OK;
}

static int end_wireless(struct layer_at *at)
{
	at->layer = LAYER_LINK;
	at->number = LINK_WIRELESS;
	return OK;
}

/* Its length is in little-endian order. */
int link_open_radiotap(struct reader *r, struct layer_at *at)
{
	enum { HEADER = 4 };
	const uint8_t *head = read_bytes(r, HEADER);
	if (!head)
		return ERR_TRUNCATED;
	size_t size = head[2] | (size_t)head[3] << 8;
	if (head[0] != 0 || size < HEADER)
		return ERR_MISSING;
	read_bytes(r, size - HEADER);
	return end_wireless(at);
}

int link_open_avs(struct reader *r, struct layer_at *at)
{
	enum { HEADER = 8 };
	read_u32(r);
	size_t size = read_u32(r);
	if (size < HEADER)
		return ERR_MISSING;
	read_bytes(r, size - HEADER);
	return end_wireless(at);
}

/* Some drivers write AVS headers under the number of Prism's, which has always the same size. */
int link_open_prism(struct reader *r, struct layer_at *at)
{
	enum { HEADER = 144, AVS_MAGIC = 0x80211001, AVS_MASK = ~0xf };
	struct reader peek = *r;
	if ((read_u32(&peek) & (uint32_t)AVS_MASK) == ((uint32_t)AVS_MAGIC & (uint32_t)AVS_MASK))
		return link_open_avs(r, at);
	read_bytes(r, HEADER);
	return end_wireless(at);
}
