#include "gate/dns/core_internal.h"
#include "gate/dns/inspect.h"
#include "wire/dns_ech.h"

/* Whether the policy of the moment would have made of the upstream's answer what was made of it. Nothing can be
 * put back that was stripped. */
static bool is_as_policy_wants(const struct dns_core *core, const struct dname *name,
                               const struct known *known, const struct inspected *found)
{
	bool strips = found->strips_ech || policy_strips_ech(core->policy, name);
	if (known->is_stripped)
		return strips;
	return !strips || !dns_message_has_ech(known_message(known));
}

/* Answers kept from an earlier policy are judged anew. */
static bool adopt(struct dns_core *core, const struct cache_key *key, const struct dns_moment *now,
                  struct known *known)
{
	struct inspected found;
	struct facts at_large = {.at_us = now->wall_us, .place = NONE};
	inspect_answer(known_message(known), core->policy, &at_large, &found);
	if (!is_as_policy_wants(core, key->name, known, &found))
		return false;
	known->is_clean = found.is_clean;
	known->epoch = core->epoch;
	return true;
}

struct known *core_cached(struct dns_core *core, const struct cache_key *key,
                          const struct dns_moment *now, struct cache_found *ret)
{
	struct known *known = cache_find(core->cache, key, core_steady_s(now->steady_us), ret);
	if (!known)
		return NULL;
	if (known->is_failure)
		return ret->left_s ? known : NULL;
	if (known->epoch != core->epoch && !adopt(core, key, now, known))
		return NULL;
	if (!ret->left_s && core_is_repeated(now, known, ret))
		ret->left_s = 1;
	return known;
}

bool core_is_hidden(const struct known *known, const struct dns_query *query)
{
	uint16_t ede = known->ede;
	bool is_of_validation =
		ede == DNS_EDE_UNSUPPORTED_DNSKEY_ALGORITHM ||
		ede == DNS_EDE_UNSUPPORTED_DS_DIGEST ||
		(ede >= DNS_EDE_DNSSEC_INDETERMINATE && ede <= DNS_EDE_NSEC_MISSING);
	return known->is_failure && is_of_validation && query->flags & DNS_FLAG_CD;
}

/* A failure does not drive out an answer that serves meanwhile. One that was forged is no reason to go on with what
 * was said before, once the time of that is over. */
static bool has_better(struct dns_core *core, const struct cache_key *key,
                       const struct upstream_answer *upstream, const struct dns_moment *now)
{
	struct cache_found found;
	struct known *kept = core_cached(core, key, now, &found);
	if (!kept || kept->is_failure || (upstream->is_bogus && !found.left_s))
		return false;
	core_pause(now, kept);
	return true;
}

static void count_learned(struct dns_core *core, const struct dns_question *question,
                          const struct known *known)
{
	if (known->is_failure)
		dns_count(core->stats, known->ede == DNS_EDE_INVALID_DATA ? DNS_UPSTREAM_MALFORMED
		                                                          : DNS_UPSTREAM_FAILURES);
	else if (core->limits.misses && known->answer.rcode == DNS_RCODE_NOERROR)
		miss_limit_found(core->limits.misses, &question->name);
	if (known->is_stripped)
		dns_count(core->stats, DNS_ECH_STRIPPED);
}

void dns_core_count_cache(struct dns_core *core)
{
	struct cache_usage usage = cache_usage(core->cache);
	dns_count_set(core->stats, DNS_CACHE_ENTRIES, usage.entries);
	dns_count_set(core->stats, DNS_CACHE_BYTES, usage.size);
	dns_count_set(core->stats, DNS_CACHE_BYTES_USED, usage.bytes);
	dns_count_set(core->stats, DNS_CACHE_EVICTED, cache_counts(core->cache)->evicted);
}

const struct known *dns_core_learn(struct dns_core *core, const struct dns_question *question,
                                   const struct upstream_answer *upstream,
                                   const struct dns_moment *now)
{
	struct known_room *room = &core->learned[upstream->is_unchecked];
	void *at = room->known;
	struct known *known = at;
	struct cache_key key = {&question->name, question->type};
	bool is_good =
		known_learn(room, core->options, core->policy, question, upstream, now->wall_us);
	known->epoch = core->epoch;
	if (core->names)
		known->addresses = core_address_bits(known);
	count_learned(core, question, known);
	if (!is_good && has_better(core, &key, upstream, now))
		return known;
	/* too large to be kept is no failure: it is asked for again */
	if (!upstream->is_unchecked)
		(void)!cache_add(core->cache, &key, known, known_size(known), known->ttl_s,
		                 core_steady_s(now->steady_us));
	dns_core_count_cache(core);
	return known;
}

struct cache *dns_core_cache(struct dns_core *core)
{
	return core->cache;
}
