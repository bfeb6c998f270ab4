#include "gate/packet/core_internal.h"
#include "policy/said.h"

/* The name that the client says, else the one by which it learned the address. */
static void find_name(const struct packet_core *core, const struct flow_key *key, struct view said,
                      struct judged *ret)
{
	const struct packet_core_setup *s = &core->setup;
	ret->has_name = said_name(said, &ret->name);
	if (!ret->has_name && s->learned)
		ret->has_name = learned_find(s->learned, &key->client, &key->server,
		                             core->turn.now->steady_us, &ret->name);
}

static void decide(struct packet_core *core, const struct flow_key *key,
                   const struct flow_claim *claim, struct judged *ret)
{
	const struct policy *policy = core->setup.policy;
	find_name(core, key, claim->name, ret);
	ret->place = place_memory_find(&core->places, policy, &key->client, core->setup.seed);
	struct facts facts = {.at_us = core->turn.now->wall_us,
	                      .place = ret->place,
	                      .client = key->client,
	                      .name = ret->has_name ? &ret->name : NULL,
	                      .destination = key->server};
	said_decide(policy, claim->name, &facts, &ret->verdict);
}

enum flow_ruling core_judge(void *context, const struct flow_key *key,
                            const struct flow_claim *claim)
{
	struct packet_core *core = context;
	struct judged judged;
	judged.has_name = false;
	core->turn.is_judged = true;
	decide(core, key, claim, &judged);
	if (judged.verdict.action == VERDICT_ALLOW)
		return FLOW_ALLOWED;
	bool is_block = judged.verdict.action == VERDICT_BLOCK;
	if (is_block && core_is_passive(core)) {
		judged.verdict.action = VERDICT_OBSERVE;
		judged.verdict.reason = REASON_PASSIVE;
		is_block = false;
	}
	uint64_t reference = core_record_flow(core, key, claim, &judged);
	if (!is_block)
		return FLOW_ALLOWED;
	core->turn.is_refused = true;
	core_answer(core, key, claim, &judged, reference);
	return FLOW_REFUSED;
}
