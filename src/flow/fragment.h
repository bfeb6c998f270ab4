/* fragment.h - puts fragments of IP packets together, for sources that see them before their end host does.
 *
 * What:    fragments_take() is given every fragment. The gate is in the path, so it settles what overlaps mean:
 *          what contradicts, or only partly repeats, a fragment that was forwarded is dropped, and no end host
 *          can read the datagram otherwise. (RFC 5722 and Linux drop the whole datagram; theirs never sees one.)
 *          Exact repetitions pass. A datagram is remembered after it was completed, so that nothing of it can
 *          be sent again with other bytes.
 * Owns:    fragments_init() allocates all. The datagram that is given back lives until the next call.
 * Limits:  FRAGMENTS_DATAGRAMS at a time, FRAGMENTS_PIECES each; the oldest gives way when there are more, and
 *          what comes of it later is then part of a datagram that is never completed. FRAGMENTS_TIME_US.
 *          ERR_LIMIT when the pool is full.
 * Threads: one a struct. Pure.
 * Source:  RFC 791 s3.2, RFC 8200 s4.5, RFC 5722, RFC 6864. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "base/view.h"
#include "flow/pool.h"
#include "wire/ip.h"

enum {
	FRAGMENTS_DATAGRAMS = 256,
	FRAGMENTS_PIECES = 128,
	FRAGMENTS_TIME_US = 30 * 1000 * 1000, /* as long as Linux waits */
	FRAGMENTS_HEADER_MAX = 256, /* before the fragmented part, of the first fragment */
};

struct fragment_datagram {
	struct address source, destination;
	uint32_t id;
	uint8_t protocol; /* IPv4: a datagram of another one is another datagram */
	bool is_used, is_complete;
	int64_t since_us;
	uint32_t end; /* of the fragmented part; 0: not known yet */
	uint16_t header_size;
	uint16_t next_header_at; /* IPv6 */
	uint8_t first_protocol;
	uint8_t header[FRAGMENTS_HEADER_MAX];
	struct held pieces;
};

struct fragments {
	struct fragment_datagram *datagrams;
	uint8_t *room;
	struct pool *pool;
};

int fragments_init(struct fragments *f, struct pool *pool) must_check;
void fragments_done(struct fragments *f);

/* OK: the datagram is complete, and `ret_whole` is it, from its IP header on. ERR_TRUNCATED: other fragments are
 * to come. ERR_DENIED: drop this one. ERR_LIMIT. `packet` is what `ip` was read from. */
int fragments_take(struct fragments *f, struct view packet, const struct ip_packet *ip,
                   int64_t now_us, struct view *ret_whole) must_check;
/* Forgets what is over time. */
void fragments_expire(struct fragments *f, int64_t now_us);
