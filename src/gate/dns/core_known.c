#include "base/timestamp.h"
#include "gate/dns/core_internal.h"
#include "gate/dns/inspect.h"

/* Answers kept from an earlier policy are judged anew; from those that it may have stripped nothing can
 * be put back, so they are fetched again. */
struct known *core_cached(struct dns_core *core, const struct cache_key *key,
                          const struct dns_moment *now, uint32_t *ret_age_s)
{
	uint32_t now_s = (uint32_t)(now->steady_us / SECOND_US);
	struct known *known = cache_find(core->cache, key, now_s, ret_age_s);
	if (!known || known->epoch == core->epoch || known->is_failure)
		return known;
	if (key->type == DNS_TYPE_HTTPS || key->type == DNS_TYPE_SVCB)
		return NULL;
	struct inspected found;
	struct facts at_large = {.at_us = now->wall_us, .place = NONE};
	inspect_answer(known_message(known), core->policy, &at_large, &found);
	known->is_clean = found.is_clean;
	known->epoch = core->epoch;
	return known;
}

const struct known *dns_core_learn(struct dns_core *core, const struct dns_question *question,
                                   const struct upstream_answer *upstream,
                                   const struct dns_moment *now)
{
	void *at = core->learned.known;
	struct known *known = at;
	bool is_good = known_learn(&core->learned, core->options, core->policy, question, upstream,
	                           now->wall_us);
	known->epoch = core->epoch;
	if (!is_good)
		dns_count(core->stats, known->ede == DNS_EDE_INVALID_DATA ? DNS_UPSTREAM_MALFORMED
		                                                          : DNS_UPSTREAM_FAILURES);
	if (known->is_stripped)
		dns_count(core->stats, DNS_ECH_STRIPPED);
	struct cache_key key = {&question->name, question->type};
	/* too large to be kept is no failure: it is asked for again */
	(void)!cache_add(core->cache, &key, known, known_size(known), known->ttl_s,
	                 (uint32_t)(now->steady_us / SECOND_US));
	return known;
}
