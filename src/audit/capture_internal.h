/* capture_internal.h - what the files behind capture.h share.
 *
 *	capture.c        packets some at a time, and what is left to do about each
 *	capture_look.c   from a frame to the flow that it is of
 *	capture_mend.c   packets that were cut or written before their card completed them
 *	capture_judge.c  what a flow asks for, and what it carried */
#pragma once

#include "audit/capture.h"
#include "audit/capture_found.h"
#include "flow/flow.h"
#include "flow/fragment.h"
#include "flow/judged.h"
#include "policy/place_memory.h"
#include "wire/ip.h"

enum { CAPTURE_BATCH = 16, CAPTURE_ROOM = 128 * 1024, CAPTURE_QUERIES = 1 << 16 };

/* One packet, as far as its headers tell. */
struct seen {
	struct view packet;  /* from the IP header on */
	struct view payload; /* of TCP or UDP */
	int64_t time_us;
	uint64_t number; /* in the capture, from 1 */
	uint64_t hash;
	struct judged_end source, destination;
	uint32_t size;    /* of the packet, as it was on the wire */
	uint8_t protocol; /* FLOW_TCP, FLOW_UDP; 0: none of both, nothing to do */
	uint8_t flags;    /* TCP */
	bool source_is_low;
};

struct capture {
	const struct audit_context *context;
	capture_listener *listener;
	void *listener_context;
	struct flow_table *flows;
	struct judged *judged;
	void *judged_room; /* mapped */
	size_t judged_size;
	struct pool pool; /* of `fragments` */
	struct fragments fragments;
	struct capture_found found;
	struct place_memory places;
	uint64_t seed;
	int64_t tick_us;
	int code; /* the first failure */
	/* the packet in hand */
	const struct seen *now;
	bool is_found;
	uint32_t queries
		[CAPTURE_QUERIES]; /* DNS queries that were seen: their answers say nothing new */
	struct seen batch[CAPTURE_BATCH];
	unsigned count;
	uint8_t room[CAPTURE_ROOM]; /* a packet that was mended or taken out */
};

/* capture_look.c: sets all but time and number. False: what it needs does not lie in the frame as it is, so
 * capture_look_slowly() is needed; the batch is empty then. */
bool capture_look(struct capture *c, const struct capture_packet *p, struct seen *ret);
void capture_look_slowly(struct capture *c, const struct capture_packet *p, struct seen *ret);

/* capture_mend.c: an IP packet as its end host would get it, as far as it was captured: lengths are of what is there,
 * and the sum is right. Borrowed where nothing is wrong; otherwise in `room`. */
struct view capture_mend(struct view packet, uint8_t room[static CAPTURE_ROOM]);
/* The first fragment of an IPv4 packet, as if it were all of it. */
struct view capture_mend_fragment(struct view packet, uint8_t room[static CAPTURE_ROOM]);

/* capture_judge.c */
enum flow_ruling capture_judge(void *capture, const struct flow_key *key,
                               const struct flow_claim *claim);
/* An answer whose question was not captured asks for what it was asked. */
void capture_judge_answer(struct capture *c, const struct seen *s, struct view message);
void capture_note_query(struct capture *c, const struct seen *s);
/* Counts a packet of a flow that carries what is looked for. */
void capture_count(struct capture *c, const struct seen *s, bool is_from_client);
/* Says what found flows carried. */
int capture_judge_finish(struct capture *c) must_check;
