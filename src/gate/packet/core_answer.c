#include "base/timestamp.h"
#include "gate/packet/core_internal.h"

/* A head ends with an empty line. */
static bool has_end(struct view head)
{
	size_t size = head.size;
	return (size >= 4 && memcmp(head.bytes + size - 4, "\r\n\r\n", 4) == 0) ||
	       (size >= 2 && memcmp(head.bytes + size - 2, "\n\n", 2) == 0);
}

/* Whether this very packet holds all of the message: then the server has heard nothing of it. */
static bool is_whole(const struct packet_core *core, struct view message)
{
	struct ip_packet ip;
	struct tcp_segment tcp;
	return has_end(message) && ip_parse(core->turn.packet->bytes, &ip) == OK &&
	       !ip.is_fragment && ip.protocol == IP_TCP && tcp_parse(ip.payload, &tcp) == OK &&
	       tcp.flags & TCP_ACK && view_starts_with(tcp.payload, message);
}

/* The value of a field in the head of a request; empty when it has none. */
static struct view field_of(struct view head, const char *name)
{
	while (head.size) {
		struct view value = view_split(&head, '\n');
		struct view field = view_split(&value, ':');
		if (view_is_nocase(field, name))
			return view_trim(value);
	}
	return (struct view){0};
}

static size_t answer_page(struct packet_core *core, const struct flow_claim *claim,
                          const struct judged *judged, uint64_t reference)
{
	static const struct view head = {(const uint8_t *)"HEAD ", 5};
	if (!is_whole(core, claim->message))
		return 0;
	struct page page = {
		.policy = core->setup.policy,
		.rule = judged->verdict.rule,
		.reference = reference,
		.accept_language = field_of(claim->message, "accept-language"),
		.is_head = view_starts_with(claim->message, head),
	};
	return page_write(&page, core->answer);
}

/* As the DNS gate would answer it; an alias of the organisation's goes alone, since nobody is asked here. */
static size_t write_block(struct packet_core *core, const struct judged *judged, uint64_t reference,
                          const struct dns_query *query, uint8_t *room, size_t size_max)
{
	const struct policy *policy = core->setup.policy;
	const struct verdict *v = &judged->verdict;
	const struct image_rule *rule = policy_rule(policy, v->rule);
	struct dns_opt opt = {.udp_size = DNS_ANSWER_SIZE_MAX, .dnssec = query->edns.wants_dnssec};
	struct dns_reply reply = {query, query->edns.is_present ? &opt : NULL};
	struct dname alias;
	struct stand_in stand_in;
	stand_in_find(policy, core->setup.block, v->rule, judged->place, &query->name, &alias,
	              &stand_in);
	struct block block = {
		.zone_labels = v->labels ? v->labels : query->name.labels,
		.ede = rule->ede ? rule->ede : DNS_EDE_BLOCKED,
		.text = block_texts_get(&core->texts, policy, v->rule),
		.reference = reference,
		.policy = policy,
		.stand_in = &stand_in,
	};
	return block_answer(core->setup.block, &reply, &block, room, size_max);
}

/* Over TCP with its length before it (RFC 1035 s4.2.2). */
static size_t answer_dns(struct packet_core *core, const struct flow_key *key,
                         const struct flow_claim *claim, const struct judged *judged,
                         uint64_t reference)
{
	enum { LENGTH_SIZE = 2 };
	struct dns_query query;
	if (dns_query_parse(claim->message, &query) != DNS_QUERY_OK)
		return 0;
	if (key->protocol == FLOW_UDP)
		return write_block(core, judged, reference, &query, core->answer,
		                   dns_query_udp_size_max(&query, DNS_ANSWER_SIZE_MAX));
	size_t size = write_block(core, judged, reference, &query, core->answer + LENGTH_SIZE,
	                          DNS_ANSWER_SIZE_MAX);
	if (size == 0)
		return 0;
	core->answer[0] = (uint8_t)(size >> 8);
	core->answer[1] = (uint8_t)size;
	return LENGTH_SIZE + size;
}

void core_answer(struct packet_core *core, const struct flow_key *key,
                 const struct flow_claim *claim, const struct judged *judged, uint64_t reference)
{
	size_t *size = &core->turn.answer_size;
	*size = 0;
	if (claim->protocol == FLOW_HTTP) {
		*size = answer_page(core, claim, judged, reference);
		packet_count_by(core->setup.stats, PACKET_PAGES, *size > 0);
	} else if (claim->protocol == FLOW_DNS) {
		*size = answer_dns(core, key, claim, judged, reference);
		packet_count_by(core->setup.stats, PACKET_DNS_ANSWERS, *size > 0);
	}
}
