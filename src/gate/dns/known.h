/* known.h - what the gate knows of one question: an upstream's answer made ready, or its failure.
 *
 * What:    from the resolver's packet to the value that the cache keeps: Encrypted Client Hello taken out
 *          where policy says so, the rest prepared for many clients, and whether anything in it is listed.
 *          Pure.
 * Owns:    a struct known is one flat block without pointers, aligned to 8. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gate/dns/options.h"
#include "policy/policy.h"
#include "wire/dns_answer.h"

enum {
	KNOWN_STRIP_SIZE = DNS_MESSAGE_SIZE_MAX,
	KNOWN_SIZE_MAX = 4 * DNS_MESSAGE_SIZE_MAX + 2048,
};

struct known {
	uint32_t epoch;         /* of the policy that `is_clean` and the stripping are right for */
	uint32_t ttl_s;         /* how long it may be kept */
	uint32_t pause_until_s; /* it could not be had: it is not asked for before (steady) */
	uint32_t
		renewed_until_s; /* it is asked for without a client: not once more before (steady) */
	uint32_t
		repeated_until_s; /* up to the end of this second who said it says it again (wall) */
	bool is_failure;
	bool is_clean;
	bool is_stripped;
	uint16_t ede;               /* of a failure */
	uint16_t addresses;         /* learned_bits() of those in it, while names are learned */
	struct dns_prepared answer; /* unless it is a failure; its block goes on behind */
};

/* What the resolver said. */
struct upstream_answer {
	int rcode; /* of its own work: not 0 means that there is no packet */
	struct view packet;
	bool is_secure, is_bogus;
	bool is_unchecked; /* for a client that asked for it so: not to be kept */
	bool is_local;     /* of the administrator's own records */
	bool is_repeated;  /* asked again, who said it says the same until its time is over */
	uint16_t ede;      /* why there is none, or why it is bogus; 0: nothing more is known */
	uint8_t place;     /* in its group, of the server that said it; forwarder.h */
};

struct known_room {
	uint8_t known[KNOWN_SIZE_MAX] __attribute__((aligned(8)));
	uint8_t stripped[KNOWN_STRIP_SIZE];
};

/* Makes room->known of an answer. An answer that is not acceptable becomes a failure: then false. */
bool known_learn(struct known_room *room, const struct dns_options *o, const struct policy *policy,
                 const struct dns_question *question, const struct upstream_answer *answer,
                 int64_t at_us);
/* Bytes of the block. */
size_t known_size(const struct known *k);
/* The whole message, to be inspected. */
struct view known_message(const struct known *k);
