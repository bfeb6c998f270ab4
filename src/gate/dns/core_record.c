#include "gate/dns/core_internal.h"

/* Returns the event's reference, or 0 when the ring was full. */
static uint64_t hand_over(struct dns_core *core, const struct turn *t,
                          const struct verdict *verdict, const struct dname *name)
{
	const struct image_rule *rule = policy_rule(core->policy, verdict->rule);
	const struct image_place *place = policy_place(core->policy, t->client->place);
	const struct address *address = &t->client->address;
	struct event_record event = {
		.time_us = t->now->wall_us,
		.policy_version = core->policy_version,
		.identifier = verdict->identifier,
		.obligation = rule ? rule->obligation : EVENT_NONE,
		.exemption = verdict->exemption,
		.unit = place ? place->unit : EVENT_NONE,
		.reason = (uint16_t)verdict->reason,
		.qtype = t->query->type,
		.gate = EVENT_GATE_DNS,
		.verdict = verdict->action == VERDICT_BLOCK ? EVENT_BLOCK : EVENT_OBSERVE,
		.transport = (uint8_t)dns_transports[t->client->transport].event,
		.family = address->size == 4 ? EVENT_FAMILY_IP4 : EVENT_FAMILY_IP6,
		.name_size = name->size};
	memcpy(event.address, address->bytes, address->size);
	memcpy(event.name, name->bytes, name->size);
	event.reference = event_reference(&event, core->reference_key);
	bool is_kept = ring_put(core->ring, &event);
	dns_count(core->stats, is_kept ? DNS_EVENTS : DNS_EVENTS_LOST);
	return is_kept ? event.reference : 0;
}

static void count_rule(struct dns_core *core, const struct verdict *verdict)
{
	const struct image_identifier *identifier =
		policy_identifier(core->policy, verdict->identifier);
	tally_add(&core->stats->tally, verdict->rule, identifier ? identifier->facets : 0,
	          verdict->action == VERDICT_BLOCK ? TALLY_BLOCKED : TALLY_OBSERVED);
}

uint64_t core_record(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
                     const struct dname *name)
{
	bool is_block = verdict->action == VERDICT_BLOCK;
	dns_count(core->stats, is_block ? DNS_BLOCKED : DNS_OBSERVED);
	count_rule(core, verdict);
	if (is_block && core->watch.top)
		core_watch_name(core, TOP_BLOCKED, t);
	uint64_t reference = core->ring ? hand_over(core, t, verdict, name) : 0;
	if (core->tap && !is_block) /* a block is told when it is answered */
		tap_verdict(core->tap, verdict, reference);
	return reference;
}
