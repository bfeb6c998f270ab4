/* stand_in.h - the records that stand in for those of a blocked name.
 *
 * What:    an alias with the records that its target has, addresses, or none. Pure.
 * Limits:  of a target only A, AAAA, HTTPS and the aliases before them are taken over.
 * Source:  RFC 1034 s3.6.2 (an alias with what it leads to). */
#pragma once

#include "policy/policy.h"
#include "refusal/block_options.h"
#include "wire/dns_build.h"
#include "wire/dns_query.h"

struct stand_in {
	enum block_form form;
	const struct dns_block_options *options; /* addresses where the policy gives none */
	const struct policy *policy;
	const struct image_answer *answer; /* NULL: as the options say */
	const struct dname *alias;         /* NULL: none */
	struct view target;                /* the alias's answer; empty when there is none */
	uint32_t target_age_s;             /* since it was received */
};

/* What the policy has for a name blocked by that rule at that place, else what the options say; a canary is told
 * that there is no such name whatever they say. `alias` is set when the result points to it. */
void stand_in_find(const struct policy *policy, const struct dns_block_options *options,
                   uint32_t rule, uint32_t place, const struct dname *name, struct dname *alias,
                   struct stand_in *ret);
/* Whether an alias for that type of query is given with its target's records. */
bool stand_in_follows(uint16_t type);
/* Says whether it wrote any record. */
bool stand_in_write(const struct stand_in *s, struct dns_builder *b, const struct dns_query *query,
                    uint32_t ttl);
