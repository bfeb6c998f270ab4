/* core.h - one packet in, what to do about it out: flows, policy, events and actions together.
 *
 * What:    packet_core_take() has the flow table look at a packet, judges by policy what the flow asks for,
 *          hands events over, and says what to do with the packet and what to send besides. No socket and no
 *          clock, so a capture that is read again gives what the gate gave.
 *          Refused: TLS, HTTP/2 and what is not known are reset at both ends, cleartext HTTP gets a page and
 *          DNS an answer where the server has heard nothing of it, QUIC gets silence.
 *          In mode `passive` all that would be blocked is an observation, with the reason `passive`.
 * Owns:    the flow table and its buffers, all allocated by packet_core_new(). Options, policy, ring, watched
 *          flows and counters stay the caller's.
 * Threads: one a core. */
#pragma once

#include "base/cleanup.h"
#include "flow/flow.h"
#include "flow/learned.h"
#include "gate/packet/mark.h"
#include "gate/packet/options.h"
#include "gate/packet/stats.h"
#include "gate/packet/watched.h"
#include "policy/policy.h"
#include "record/event.h"
#include "record/ring.h"
#include "refusal/block_options.h"
#include "wire/dname.h"

struct packet_core_setup {
	const struct packet_options *options;
	const struct dns_block_options
		*block; /* how DNS queries are answered: as the DNS gate does */
	unsigned cores; /* among which the limits are divided */
	const struct policy *policy;
	struct packet_stats *stats;
	struct ring *ring; /* or NULL */
	struct watched *watched;
	const struct learned *learned; /* asked about flows that name nobody; or NULL */
	/* Beside the ring or instead of it, for who reads captures; NULL: none. `claim` is NULL for what a
	 * flow carried (event->is_more). */
	void (*on_event)(void *context, const struct event_record *event,
	                 const struct flow_key *key, const struct flow_claim *claim);
	void *context;
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE];
};

struct packet_now {
	int64_t wall_us, steady_us;
};

/* Packets to send, from their IP header on. */
enum { PACKET_REPLIES_MAX = 6 };
struct packet_reply {
	bool is_to_client;
	struct view bytes; /* lives until the next packet_core_take() */
};

struct packet_decision {
	bool is_from_client; /* the packet; false where there is no telling */
	bool is_dropped;     /* never in mode `passive`, nor where the policy only observes */
	unsigned mark;       /* of the connection, from this packet on: enum packet_mark */
	struct packet_reply replies[PACKET_REPLIES_MAX];
	size_t reply_count;
};

struct packet_core;

int packet_core_new(const struct packet_core_setup *setup, struct packet_core **ret) must_check;
void packet_core_free(struct packet_core *core);
DEFINE_CLEANUP(packet_core, struct packet_core *, packet_core_free);

void packet_core_take(struct packet_core *core, const struct flow_packet *p,
                      const struct packet_now *now, struct packet_decision *ret);
/* A few times a second. */
void packet_core_tick(struct packet_core *core, const struct packet_now *now);
/* For flows that are judged from here on. */
void packet_core_set_policy(struct packet_core *core, const struct policy *policy);

struct packet_carried {
	int64_t bytes_up, bytes_down, duration_us; /* at most EVENT_SUM_MAX */
};
/* A flow has ended; if events were written of it, tells what it carried. The client is who began it. */
void packet_core_ended(struct packet_core *core, const struct flow_key *key,
                       const struct packet_carried *carried, const struct packet_now *now);
const struct flow_table *packet_core_flows(const struct packet_core *core);
