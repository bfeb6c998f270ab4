#include "gate/dns/core_internal.h"

enum { RENEW_PAUSE_S = 30 /* after a question that failed: RFC 8767 s5 */ };

int core_renewals_open(struct dns_core *core)
{
	return core->options->cache.prefetch ? renewals_new(&core->renewals) : OK;
}

bool core_may_renew(const struct dns_moment *now, const struct known *known)
{
	return core_steady_s(now->steady_us) >= known->pause_until_s;
}

void core_pause(const struct dns_moment *now, struct known *known)
{
	known->pause_until_s = core_steady_s(now->steady_us) + RENEW_PAUSE_S;
}

/* When another answer can be had. */
static int64_t renewal_us(const struct dns_moment *now, const struct known *known,
                          const struct cache_found *found)
{
	int64_t wait_us = (known->repeated_until_s + 1) * SECOND_US - now->wall_us;
	int64_t most_us = (found->left_s + CORE_REPEATED_S) * SECOND_US;
	if (!core_is_repeated(now, known, found))
		return now->steady_us;
	return now->steady_us + (wait_us < most_us ? wait_us : most_us);
}

void core_renew(struct dns_core *core, const struct turn *t, struct known *known,
                const struct cache_found *found)
{
	if (!core->renewals || known->is_failure || !core_may_renew(t->now, known) ||
	    core_steady_s(t->now->steady_us) < known->renewed_until_s)
		return;
	int64_t at_us = renewal_us(t->now, known, found);
	struct dns_question question = {
		.name = t->query->name, .type = t->query->type, .class = t->query->class};
	if (renewals_add(core->renewals, &question, at_us))
		known->renewed_until_s = core_steady_s(at_us) + RENEW_PAUSE_S;
	else
		dns_count(core->stats, DNS_CACHE_RENEWALS_FULL);
}

/* A client may have been quicker, and the name may be blocked by now. */
static bool is_wanted(struct dns_core *core, const struct dns_question *question,
                      const struct dns_moment *now)
{
	struct facts at_large = {.at_us = now->wall_us, .place = NONE, .name = &question->name};
	struct verdict verdict;
	policy_decide(core->policy, &at_large, &verdict);
	if (verdict.action == VERDICT_BLOCK)
		return false;
	struct cache_key key = {&question->name, question->type};
	struct cache_found found;
	const struct known *known = core_cached(core, &key, now, &found);
	return !known || !found.left_s || !core_is_repeated(now, known, &found);
}

bool dns_core_renewal(struct dns_core *core, const struct dns_moment *now, struct dns_question *ret)
{
	while (core->renewals && renewals_take(core->renewals, now->steady_us, ret)) {
		if (!is_wanted(core, ret, now))
			continue;
		dns_count(core->stats, DNS_CACHE_RENEWALS);
		return true;
	}
	return false;
}

int64_t dns_core_renewal_us(const struct dns_core *core)
{
	return core->renewals ? renewals_next_us(core->renewals) : RENEWALS_NEVER;
}
