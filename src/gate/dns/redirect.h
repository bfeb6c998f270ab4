/* redirect.h - a block that is answered with an alias, while the alias's own answer is asked for.
 *
 * Stub resolvers follow no alias by themselves, so the answer must hold the target's addresses too. The event
 * is written when the block is decided; only the answer waits. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"
#include "wire/dns_message.h"

struct dns_redirect {
	bool is_set;
	uint8_t zone_labels;    /* as in struct block */
	struct verdict verdict; /* by the policy of that epoch */
	uint32_t epoch;
	uint64_t reference;
};

/* A question for the upstream. */
struct dns_asked {
	struct dns_question question;
	struct dns_redirect redirect; /* set: the question is for the alias of a block */
};
