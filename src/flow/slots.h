/* slots.h - the slots of flows: found by who talks to whom, in either direction, and forgotten when idle.
 *
 * What:    a fixed array of slots, chains by hash, and three lists by the time of the last packet: flows that may
 *          still say something; those of which little is to be lost (half open, judged, refused, closed); and those whose
 *          hello was allowed, where the kernel waits for the server's. A full table gives up the oldest of the second
 *          list for a new flow, then of the third, never one of the first.
 * Owns:    slots_init() allocates all. A slot's held bytes go back to the pool with the slot.
 * Threads: one a table. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flow/flow.h"
#include "flow/pool.h"
#include "flow/recogniser.h"

enum {
	FLOW_SLOT_SIZE_MAX = 512,
	FLOW_CLAIMS_KEPT = 4,
	FLOW_DOUBTS_KEPT = 4,
	FLOW_ABSENT_MAX = 12,
	FLOW_REREAD_UNIT = 64,
	FLOW_SHORT_US = 15 * 1000 * 1000,
	FLOW_NONE = UINT32_MAX,
};

/* One end of a TCP connection, as its packets show it. */
struct tcp_side {
	uint32_t start;  /* sequence number of its first byte; where has_start */
	uint32_t next;   /* behind the highest byte that it sent */
	uint32_t acked;  /* of its bytes, by the other end */
	uint32_t edge;   /* sequence number that the other end takes no byte from; where has_edge */
	uint32_t window; /* the largest that it offered */
	uint32_t timestamp;
	uint8_t scale;
	uint8_t hops; /* left in its first packet */
	bool has_start : 1, has_syn : 1, has_edge : 1, has_acked : 1, has_scale : 1;
	bool has_timestamp : 1, has_md5 : 1, has_fin : 1, has_window : 1;
};

/* A SYN for an end that has a start already: it counts when the other end acknowledges it. */
struct tcp_candidate {
	uint32_t sequence, timestamp;
	uint8_t scale, hops;
	bool is_there : 1, is_from_client : 1, has_scale : 1, has_timestamp : 1, has_md5 : 1;
};

enum flow_state {
	FLOW_STATE_OPEN,     /* nothing judged */
	FLOW_STATE_JUDGED,   /* all readings so far were allowed */
	FLOW_STATE_RELEASED, /* its last packets may still come here */
	FLOW_STATE_REFUSED,
};

struct flow {
	struct flow_key key;
	uint32_t chain; /* next slot of the same bucket */
	uint32_t older, newer;
	bool is_used;
	uint8_t list;
	uint64_t hash;
	int64_t since_us, last_us;
	int64_t data_us; /* of the first bytes that are not judged; 0: none */
	uint8_t state;   /* enum flow_state */
	uint8_t protocol, why;
	bool is_joined; /* held pieces: see tcp_hold.h */
	bool is_middle, was_judged, is_watched;
	bool is_answered; /* the kernel follows it and knows the same client */
	bool is_turned;   /* the kernel knows the other end as the one that opened it */
	bool is_lessened; /* not all of its packets come here */
	bool has_echo;    /* what the client said may come back and look like a ServerHello */
	uint16_t packets; /* of the client's with bytes, since data_us */
	uint8_t claim_count, doubt_count, absent_count;
	uint16_t
		reread; /* of the bytes from the base on, beyond once a turn, in FLOW_REREAD_UNIT */
	uint32_t base;  /* sequence number from which on the client's bytes are read */
	uint32_t heard_end;   /* of the client's bytes from the base on */
	uint32_t answer_base; /* sequence number from which on the server's bytes answer them */
	uint32_t settled;     /* where the readings agree to go on, once the server has it all */
	struct conversation conversation, next; /* at `base`, at `settled` */
	bool is_settled, is_optional, needs_answer, goes_on, has_answer_base;
	uint64_t claims[FLOW_CLAIMS_KEPT]; /* hashes of what was allowed */
	uint32_t doubts[FLOW_DOUBTS_KEPT]; /* hashes of segments dropped for their TTL */
	uint32_t absent[FLOW_ABSENT_MAX];  /* sequence numbers of bytes that may be left out */
	struct tcp_side client, server;
	struct tcp_candidate candidate;
	struct held from_client, from_server;
	uint32_t quic; /* its room, counted from 1; 0: none */
};
_Static_assert(sizeof(struct flow) <= FLOW_SLOT_SIZE_MAX, "a flow's memory, beside its held bytes");

struct flow_list {
	uint32_t oldest, newest, count;
};
enum { SLOTS_LONG, SLOTS_SHORT, SLOTS_AWAITED, SLOTS_LISTS };

struct slots {
	struct flow *slots;
	uint32_t *buckets;
	uint32_t count, used, fresh, free, bucket_mask;
	uint64_t seed;
	struct flow_list lists[SLOTS_LISTS];
	struct pool pool;
	void (*forget)(void *context,
	               struct flow *f); /* called before a slot is given up; or NULL */
	void *context;
};

int slots_init(struct slots *t, uint32_t flows, size_t held_bytes, uint64_t seed) must_check;
void slots_done(struct slots *t);

/* By its key or the turned one. NULL: there is none. */
struct flow *slots_find(struct slots *t, const struct flow_key *key);
/* NULL when all slots are taken by flows of the long list. The new one is of the short list. */
struct flow *slots_add(struct slots *t, const struct flow_key *key, int64_t now_us);
void slots_remove(struct slots *t, struct flow *f);
/* Its last packet was now, and it is of that list. */
void slots_touch(struct slots *t, struct flow *f, int64_t now_us, unsigned list);
/* Gives up the oldest of those that are awaited, for the bytes that it holds; false: there is none but `keep`. */
bool slots_give_way(struct slots *t, const struct flow *keep);
/* Forgets at most `count` flows of each list that were idle for longer than their time. */
void slots_expire(struct slots *t, int64_t now_us, int64_t idle_us, unsigned count);
