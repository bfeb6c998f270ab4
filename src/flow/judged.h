/* judged.h - which flows were judged already: for who reads captures, where no kernel's connection mark says it.
 *
 * What:    a compact set of flows, told apart by a hash of both ends: eight to a cache line, so that a packet of a
 *          flow that was judged costs one look-up. Two flows with one hash are taken for one: less than one flow in
 *          2^36 is missed for that.
 * Owns:    a handle; the flows lie in the caller's memory, which may know of better pages than malloc() does.
 * Limits:  a line that is full gives up the flow that was seen longest ago; its next packet is that of a flow whose
 *          beginning was not seen.
 * Threads: one a set. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* What is left to do about a flow's packets. */
enum judged_state {
	JUDGED_NOT,      /* the flow is not here */
	JUDGED_RELEASED, /* nothing */
	JUDGED_WATCHED,  /* what the client says is heard */
	JUDGED_UNKNOWN,  /* what begins like a request of either side is heard */
	JUDGED_QUIC,     /* what begins another connection is heard */
};

struct judged_flow {
	enum judged_state state;
	bool client_is_low; /* of its ends the lower one is the client, as judged_hash() orders them */
	bool is_found;      /* it carries something that is looked for, so its bytes are counted */
};

struct judged;

enum { JUDGED_FLOW_SIZE = 8, JUDGED_ALIGNMENT = 64 };

/* `flows` is a power of two, at least 8; `room` has JUDGED_FLOW_SIZE zeroed bytes for each. */
int judged_new(void *room, uint32_t flows, uint64_t seed, struct judged **ret) must_check;
void judged_free(struct judged *j);
DEFINE_CLEANUP(judged, struct judged *, judged_free);

/* One end of a flow as numbers, in the order of its bytes: addresses of IPv4 have `high` 0. */
struct judged_end {
	uint64_t high, low;
	uint16_t port;
};

/* The same for both directions; *ret_source_is_low: who sent. */
uint64_t judged_hash(const struct judged *j, const struct judged_end *source,
                     const struct judged_end *destination, uint8_t protocol,
                     bool *ret_source_is_low);
/* So that judged_find() does not wait for memory, a few packets later. */
void judged_prefetch(const struct judged *j, uint64_t hash);
/* `now` in steps of a few seconds: it may run round. */
struct judged_flow judged_find(struct judged *j, uint64_t hash, uint32_t now);
void judged_set(struct judged *j, uint64_t hash, struct judged_flow flow, uint32_t now);
void judged_forget(struct judged *j, uint64_t hash);
