#include "audit/capture_internal.h"
#include "base/hash.h"
#include "policy/said.h"
#include "wire/dns_message.h"

/* A flow that is forgotten is judged while the packet of another is in hand. */
static bool is_in_hand(const struct capture *c, const struct flow_key *key)
{
	const struct seen *s = c->now;
	return s->number &&
	       ((s->source.port == key->client_port && s->destination.port == key->server_port) ||
	        (s->source.port == key->server_port && s->destination.port == key->client_port));
}

static bool is_by_address(const struct policy *p, const struct verdict *verdict)
{
	const struct image_identifier *i = policy_identifier(p, verdict->identifier);
	return identifier_kinds[i->kind].group == GROUP_ADDRESS;
}

/* A question is put to a resolver: where that is says nothing of where a name is, unless it is itself what is listed. */
static bool is_destination_told(const struct policy *p, const struct flow_claim *claim,
                                const struct verdict *verdict)
{
	return claim->protocol != FLOW_DNS || is_by_address(p, verdict);
}

/* What is listed: beside an address that is, any name may stand, and is not told. */
static struct view what_of(const struct policy *p, const struct flow_key *key,
                           const struct flow_claim *claim, const struct verdict *verdict,
                           char *text)
{
	if (claim->name.size && !is_by_address(p, verdict))
		return claim->name;
	struct address said = said_address(claim->name);
	return view_text(address_print(said.size ? &said : &key->server, text));
}

static void add_sighting(struct capture *c, const struct flow_key *key,
                         const struct flow_claim *claim, const struct facts *facts,
                         const struct verdict *verdict)
{
	char text[ADDRESS_TEXT_SIZE];
	struct sighting s = {.verdict = *verdict,
	                     .first_us = c->now->time_us,
	                     .last_us = c->now->time_us,
	                     .count = 1,
	                     .place = facts->place,
	                     .client = key->client,
	                     .what = what_of(c->context->policy, key, claim, verdict, text),
	                     .source = c->context->source,
	                     .at = is_in_hand(c, key) ? c->now->number : 0};
	if (is_destination_told(c->context->policy, claim, verdict))
		s.destination = key->server;
	int code = findings_add(c->context->findings, &s);
	if (code < 0 && c->code == OK)
		c->code = code;
}

/* From here on its bytes are counted. */
static void begin_count(struct capture *c, const struct flow_key *key, const struct facts *facts,
                        const struct verdict *verdict)
{
	struct capture_found_flow *flow = capture_found_add(&c->found, c->now->hash);
	c->is_found = true;
	if (!flow)
		return;
	flow->verdict = *verdict;
	flow->place = facts->place;
	flow->client = key->client;
}

enum flow_ruling capture_judge(void *context, const struct flow_key *key,
                               const struct flow_claim *claim)
{
	struct capture *c = context;
	struct dname name;
	struct verdict verdict;
	if (c->listener) {
		c->listener(c->listener_context, key, claim, c->now->number);
		return FLOW_ALLOWED;
	}
	const struct policy *policy = c->context->policy;
	struct facts facts = {.at_us = c->now->time_us,
	                      .place = place_memory_find(&c->places, policy, &key->client, c->seed),
	                      .client = key->client,
	                      .name = said_name(claim->name, &name) ? &name : NULL,
	                      .destination = key->server};
	said_decide(policy, claim->name, &facts, &verdict);
	if (verdict.identifier != NONE) {
		add_sighting(c, key, claim, &facts, &verdict);
		if (is_in_hand(c, key))
			begin_count(c, key, &facts, &verdict);
	}
	return FLOW_ALLOWED;
}

void capture_count(struct capture *c, const struct seen *s, bool is_from_client)
{
	struct capture_found_flow *flow = capture_found_get(&c->found, s->hash);
	if (!flow)
		return;
	if (s->time_us > flow->last_us || flow->last_us == 0)
		flow->last_us = s->time_us;
	if (is_from_client)
		flow->bytes_up += s->size;
	else
		flow->bytes_down += s->size;
}

int capture_judge_finish(struct capture *c)
{
	return capture_found_finish(&c->found, c->context->findings, c->context->source);
}

/* --- DNS: a question and its answer have an id in common --- */

/* By id and name: who sends the same id for another name asks for that too. False: it asks for nothing. */
static bool find_query(struct capture *c, const struct seen *s, struct view message,
                       struct dname *ret_name, uint32_t **ret_query, uint32_t *ret_mark)
{
	struct dns_header header;
	size_t end;
	if (dns_header_parse(message, &header) != OK || header.counts[DNS_QUESTION] == 0 ||
	    dns_name_read(message, DNS_HEADER_SIZE, ret_name, &end) != OK)
		return false;
	uint64_t hash = hash_bytes(ret_name->bytes, ret_name->size, s->hash ^ header.id);
	*ret_mark = (uint32_t)(hash >> 32) | 1;
	*ret_query = &c->queries[hash & (CAPTURE_QUERIES - 1)];
	return true;
}

void capture_note_query(struct capture *c, const struct seen *s)
{
	struct dname name;
	uint32_t mark, *query;
	if (find_query(c, s, s->payload, &name, &query, &mark))
		*query = mark;
}

static struct address address_of(const struct seen *s, bool is_source)
{
	bool is_v4 = s->packet.bytes[0] >> 4 == 4;
	size_t size = is_v4 ? 4 : 16, at = is_v4 ? 12 : 8;
	return address_from_bytes(s->packet.bytes + at + (is_source ? 0 : size), size);
}

void capture_judge_answer(struct capture *c, const struct seen *s, struct view message)
{
	struct dname name;
	char text[DNAME_TEXT_SIZE];
	uint32_t mark, *query;
	if (!find_query(c, s, message, &name, &query, &mark) || *query == mark)
		return;
	*query = mark;
	const struct flow_key key = {.client = address_of(s, false),
	                             .server = address_of(s, true),
	                             .client_port = s->destination.port,
	                             .server_port = s->source.port,
	                             .protocol = s->protocol};
	const struct flow_claim claim = {.protocol = FLOW_DNS,
	                                 .name = view_text(dname_print(&name, text)),
	                                 .message = message};
	capture_judge(c, &key, &claim);
}
