#include "gate/packet/core_internal.h"
#include "wire/dns_query.h"

/* How the client spoke, by protocol; what is not here is called by what carries it. */
static const uint8_t transports[FLOW_PROTOCOLS] = {[FLOW_TLS] = EVENT_TRANSPORT_TLS,
                                                   [FLOW_QUIC] = EVENT_TRANSPORT_QUIC,
                                                   [FLOW_HTTP] = EVENT_TRANSPORT_HTTP,
                                                   [FLOW_HTTP2] = EVENT_TRANSPORT_HTTP};

static uint8_t transport_of(const struct flow_key *key, enum flow_protocol protocol)
{
	if (transports[protocol])
		return transports[protocol];
	return key->protocol == FLOW_TCP ? EVENT_TRANSPORT_TCP : EVENT_TRANSPORT_UDP;
}

static uint16_t qtype_of(const struct flow_claim *claim)
{
	struct dns_query query;
	if (claim->protocol != FLOW_DNS || dns_query_parse(claim->message, &query) != DNS_QUERY_OK)
		return 0;
	return query.type;
}

static uint8_t family_of(const struct address *address)
{
	return address->size == 4 ? EVENT_FAMILY_IP4 : EVENT_FAMILY_IP6;
}

static void fill(const struct packet_core *core, const struct flow_key *key,
                 const struct flow_claim *claim, const struct judged *judged,
                 struct event_record *ret)
{
	const struct verdict *v = &judged->verdict;
	const struct image_rule *rule = policy_rule(core->setup.policy, v->rule);
	const struct image_place *place = policy_place(core->setup.policy, judged->place);
	*ret = (struct event_record){
		.policy_version = core->policy_version,
		.identifier = v->identifier,
		.obligation = rule ? rule->obligation : EVENT_NONE,
		.exemption = v->exemption,
		.unit = place ? place->unit : EVENT_NONE,
		.reason = (uint16_t)v->reason,
		.qtype = qtype_of(claim),
		.destination_port = key->server_port,
		.gate = EVENT_GATE_PACKET,
		.verdict = v->action == VERDICT_BLOCK ? EVENT_BLOCK : EVENT_OBSERVE,
		.transport = transport_of(key, claim->protocol),
		.family = family_of(&key->client),
		.destination_family = family_of(&key->server),
	};
	memcpy(ret->address, key->client.bytes, key->client.size);
	memcpy(ret->destination, key->server.bytes, key->server.size);
	if (judged->has_name) {
		ret->name_size = judged->name.size;
		memcpy(ret->name, judged->name.bytes, judged->name.size);
	}
	ret->reference = event_reference(ret, core->setup.reference_key);
}

/* Whether somebody keeps it. */
static bool hand_over(struct packet_core *core, const struct event_record *event,
                      const struct flow_key *key, const struct flow_claim *claim)
{
	const struct packet_core_setup *s = &core->setup;
	if (s->on_event)
		s->on_event(s->context, event, key, claim);
	if (!s->ring)
		return s->on_event;
	bool is_kept = ring_put(s->ring, event);
	packet_count(s->stats, is_kept ? PACKET_EVENTS : PACKET_EVENTS_LOST);
	return is_kept;
}

static void count_rule(struct packet_core *core, const struct verdict *verdict)
{
	const struct image_identifier *identifier =
		policy_identifier(core->setup.policy, verdict->identifier);
	bool is_block = verdict->action == VERDICT_BLOCK;
	packet_count(core->setup.stats, is_block ? PACKET_BLOCKED : PACKET_OBSERVED);
	tally_add(&core->setup.stats->tally, verdict->rule, identifier ? identifier->facets : 0,
	          is_block ? TALLY_BLOCKED : TALLY_OBSERVED);
}

uint64_t core_record_flow(struct packet_core *core, const struct flow_key *key,
                          const struct flow_claim *claim, const struct judged *judged)
{
	struct event_record event;
	fill(core, key, claim, judged, &event);
	enum watched_news news =
		watched_add(core->setup.watched, key, &event, core->turn.now->steady_us);
	if (news == WATCHED_KNOWN)
		return event.reference;
	if (news == WATCHED_NEW_FOR_OLD)
		packet_count(core->setup.stats, PACKET_WATCHED_LOST);
	count_rule(core, &judged->verdict);
	event.time_us = core->turn.now->wall_us;
	return hand_over(core, &event, key, claim) ? event.reference : 0;
}

void packet_core_ended(struct packet_core *core, const struct flow_key *key,
                       const struct packet_carried *carried, const struct packet_now *now)
{
	struct event_record event;
	if (!watched_take(core->setup.watched, key, &event))
		return;
	event.is_more = 1;
	event.time_us = now->wall_us;
	event.bytes_up = carried->bytes_up;
	event.bytes_down = carried->bytes_down;
	event.duration_us = carried->duration_us;
	(void)hand_over(core, &event, key, NULL);
}
