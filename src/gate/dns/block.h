/* block.h - the answer to a query that policy blocks.
 *
 * What:    an alias or addresses where the organisation gives them, else a form of the gate's options.
 *          nxdomain and nodata carry the SOA record of the blocked zone, so that they are kept no longer
 *          than the option says; null and address answer A and AAAA and say of all other types that there
 *          is no such record. The extended error names the order and whom to ask; its text is put together
 *          once for each rule. Clients that ask for it get it in the form of structured_error.h. Pure.
 * Owns:    the texts, for one policy: block_texts_clear() when another comes.
 * Threads: one.
 * Source:  RFC 2308 s3 and s5 (negative answers), RFC 8914 s4.16 to s4.18. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "gate/dns/options.h"
#include "gate/dns/reply.h"
#include "gate/dns/stand_in.h"
#include "policy/policy.h"

enum { BLOCK_TEXTS = 256, BLOCK_TEXT_SIZE = 512 };

struct block_texts {
	struct block_text {
		bool is_set;
		uint32_t rule;
		size_t why_size;   /* of what is said without the contact */
		size_t size;       /* of what is said without a reference */
		size_t label_size; /* of the words that follow before one */
		char text[BLOCK_TEXT_SIZE];
	} rows[BLOCK_TEXTS];
};

void block_texts_clear(struct block_texts *t);
/* NONE as rule: what is said of a canary.
 * "Order tw-csma-2025 (art. 11) prohibits DeepSeek here. Contact: it@agency.example.", in the
 * organisation's language. Valid until the next call. */
const struct block_text *block_texts_get(struct block_texts *t, const struct policy *policy,
                                         uint32_t rule);

/* What a block says. */
struct block {
	unsigned zone_labels; /* labels of the name that the blocked zone has */
	uint16_t ede;
	const struct block_text *text;
	uint64_t reference; /* what the person can quote; 0: none */
	const struct policy *policy;
	const struct stand_in *stand_in;
};

/* Returns the size of the answer in `room`; 0 when it does not fit. */
size_t block_answer(const struct dns_block_options *o, const struct reply *reply,
                    const struct block *block, uint8_t *room, size_t size_max);
