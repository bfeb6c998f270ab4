/* block.h - the answer to a query that policy blocks.
 *
 * What:    an alias or addresses where the organisation gives them, else a form of the gate's options.
 *          nxdomain and nodata carry the SOA record of the blocked zone, so that they are kept no longer
 *          than the option says; null and address answer A and AAAA and say of all other types that there
 *          is no such record. The extended error names the order and whom to ask (block_text.h). Clients that ask for it get it in the form of structured_error.h. Pure.
 * Threads: one.
 * Source:  RFC 2308 s3 and s5 (negative answers), RFC 8914 s4.16 to s4.18. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "policy/policy.h"
#include "refusal/block_options.h"
#include "refusal/block_text.h"
#include "refusal/stand_in.h"
#include "wire/dns_reply.h"

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
size_t block_answer(const struct dns_block_options *o, const struct dns_reply *reply,
                    const struct block *block, uint8_t *room, size_t size_max);
