/* core_internal.h - what the files of the core share; nobody else includes it.
 *
 *	core.c          from a packet to what becomes of it
 *	core_judge.c    from what a client says to a verdict
 *	core_record.c   from a verdict to an event
 *	core_reply.c    packets in the place of an end
 *	core_answer.c   what a refused client is told: a page, a DNS answer */
#pragma once

#include "gate/packet/core.h"
#include "policy/place_memory.h"
#include "refusal/block.h"
#include "refusal/page.h"
#include "wire/packet_build.h"

enum {
	SEGMENT_SIZE_MAX = 1200, /* of what we say: fits the least MTU of IPv6 */
	REPLY_SIZE_MAX = PACKET_TCP_HEADERS + SEGMENT_SIZE_MAX,
	DNS_ANSWER_SIZE_MAX = 1180, /* over UDP and TCP, in one packet */
};
_Static_assert((PAGE_SIZE_MAX + SEGMENT_SIZE_MAX - 1) / SEGMENT_SIZE_MAX + 2 <= PACKET_REPLIES_MAX,
               "a page in segments, and resets to the server");

/* The packet in hand. */
struct turn {
	const struct flow_packet *packet;
	const struct packet_now *now;
	bool is_judged;     /* the judge was asked */
	bool is_refused;    /* and refused */
	size_t answer_size; /* of `answer`, for the client; 0: there is none */
};

struct packet_core {
	struct packet_core_setup setup; /* `policy` is the one in use */
	uint64_t policy_version;
	struct flow_table *flows;
	struct place_memory places;
	struct block_texts texts;
	struct turn turn;
	uint8_t answer[PAGE_SIZE_MAX];
	uint8_t replies[PACKET_REPLIES_MAX][REPLY_SIZE_MAX];
};

static inline bool core_is_passive(const struct packet_core *core)
{
	return core->setup.options->mode == PACKET_PASSIVE;
}

/* core_judge.c */

/* Whom a claim is about, and what policy says. */
struct judged {
	struct dname name; /* where `has_name` */
	bool has_name;
	uint32_t place;
	struct verdict verdict;
};

/* For struct flow_judge. */
enum flow_ruling core_judge(void *context, const struct flow_key *key,
                            const struct flow_claim *claim);

/* core_record.c */

/* Counts the verdict and writes it down, once a flow; returns the reference that the client may be given, or
 * 0. */
uint64_t core_record_flow(struct packet_core *core, const struct flow_key *key,
                          const struct flow_claim *claim, const struct judged *judged);

/* core_answer.c */

/* Puts into core->answer what the client of a refused claim is told, if there is a way to tell it. */
void core_answer(struct packet_core *core, const struct flow_key *key,
                 const struct flow_claim *claim, const struct judged *judged, uint64_t reference);

/* core_reply.c */

/* Sends core->answer to the client, in the server's name; and to the server, over TCP, a reset. */
void core_reply_answer(struct packet_core *core, const struct flow_outcome *o,
                       struct packet_decision *ret);
/* Ends the connection at both ends. */
void core_reply_reset(struct packet_core *core, const struct flow_outcome *o,
                      struct packet_decision *ret);
/* Takes part in the end of a connection that was answered in the server's place; resets one that did not hear
 * the answer. */
void core_reply_end(struct packet_core *core, const struct flow_outcome *o,
                    struct packet_decision *ret);
