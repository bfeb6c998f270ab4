#include "gate/dns/block.h"

#include "base/timestamp.h"
#include "gate/dns/reply.h"
#include "record/event.h"
#include "wire/dns_build.h"

enum { SOA_REFRESH = 3600, SOA_RETRY = 600, SOA_EXPIRE = 86400 };
enum { REFERENCE_TEXT_SIZE = 12 + EVENT_REFERENCE_SIZE };

void block_texts_clear(struct block_texts *t)
{
	for (size_t i = 0; i < BLOCK_TEXTS; i++)
		t->rows[i].is_set = false;
}

/* An order is named with its clause; a list of the organisation's own has no clause, and says its reason. */
static int name_rule(const struct policy *policy, const struct image_rule *rule,
                     char text[BLOCK_TEXT_SIZE])
{
	const char *order = policy_text(policy, policy_order(policy, rule->order)->id);
	const char *product = policy_text(policy, policy_product(policy, rule->product)->title);
	const struct image_obligation *o = policy_obligation(policy, rule->obligation);
	const char *clause = policy_text(policy, o->clause);
	if (!*clause)
		return snprintf(text, BLOCK_TEXT_SIZE, "Rule %.64s: %.120s", order,
		                policy_text(policy, o->text));
	if (strcmp(clause, "unknown") == 0)
		return snprintf(text, BLOCK_TEXT_SIZE, "Order %.64s prohibits %.50s here.", order,
		                product);
	return snprintf(text, BLOCK_TEXT_SIZE, "Order %.64s (%.40s) prohibits %.50s here.", order,
	                clause, product);
}

/* Long texts are cut: an answer over UDP has little room, and `writ why` has it all. */
static void write_text(const struct policy *policy, uint32_t index, char text[BLOCK_TEXT_SIZE])
{
	const struct image_rule *rule = policy_rule(policy, index);
	const char *contact = policy_text(policy, policy_organisation(policy)->contact);
	int used = rule ? name_rule(policy, rule, text) : 0;
	if (used >= 0 && used < BLOCK_TEXT_SIZE)
		(void)snprintf(text + used, BLOCK_TEXT_SIZE - (size_t)used, "%sContact: %s.",
		               used ? " " : "", contact);
}

const char *block_texts_get(struct block_texts *t, const struct policy *policy, uint32_t rule)
{
	struct block_text *row = &t->rows[rule % BLOCK_TEXTS];
	if (!row->is_set || row->rule != rule) {
		row->is_set = true;
		row->rule = rule;
		write_text(policy, rule, row->text);
	}
	return row->text;
}

/* The last `labels` labels of the name. */
static void zone_of(const struct dname *name, unsigned labels, struct dname *ret)
{
	size_t at = 0;
	for (unsigned i = name->labels; i > labels; i--)
		at += name->bytes[at] + 1U;
	ret->size = (uint8_t)(name->size - at);
	ret->labels = (uint8_t)(labels < name->labels ? labels : name->labels);
	memcpy(ret->bytes, name->bytes + at, ret->size);
}

static void add_soa(struct dns_builder *b, const struct dns_query *query, unsigned labels,
                    uint32_t ttl)
{
	static const struct dname nobody = {16, 2, "\6nobody\7invalid"};
	struct dns_soa soa = {.mailbox = nobody,
	                      .serial = 1,
	                      .refresh = SOA_REFRESH,
	                      .retry = SOA_RETRY,
	                      .expire = SOA_EXPIRE,
	                      .minimum = ttl};
	zone_of(&query->name, labels, &soa.primary);
	dns_build_soa(b, &soa.primary, ttl, &soa);
}

/* The address that stands in for the real one; empty when there is none for this type. */
static struct view stand_in(const struct dns_block_options *o, uint16_t type)
{
	static const uint8_t zero[16];
	size_t size = type == DNS_TYPE_A ? 4 : type == DNS_TYPE_AAAA ? 16 : 0;
	if (o->form == BLOCK_NULL)
		return view_of(zero, size);
	const struct prefix *p = size == 4 ? &o->address4 : &o->address6;
	return view_of(p->bytes, o->form == BLOCK_ADDRESS && p->family ? size : 0);
}

static const char *with_reference(const struct block *block,
                                  char text[BLOCK_TEXT_SIZE + REFERENCE_TEXT_SIZE])
{
	static const char label[] = " Reference: ";
	if (!block->reference)
		return block->text;
	char *end = stpcpy(stpcpy(text, block->text), label);
	event_reference_print(block->reference, end);
	return text;
}

size_t block_answer(const struct dns_block_options *o, const struct dns_query *query,
                    const struct block *block, uint8_t *room, size_t size_max)
{
	static const uint16_t rcodes[] = {[BLOCK_NXDOMAIN] = DNS_RCODE_NXDOMAIN,
	                                  [BLOCK_NODATA] = DNS_RCODE_NOERROR,
	                                  [BLOCK_NULL] = DNS_RCODE_NOERROR,
	                                  [BLOCK_REFUSED] = DNS_RCODE_REFUSED,
	                                  [BLOCK_ADDRESS] = DNS_RCODE_NOERROR};
	uint32_t ttl = (uint32_t)(o->ttl_us / SECOND_US);
	struct view address = stand_in(o, query->type);
	char text[BLOCK_TEXT_SIZE + REFERENCE_TEXT_SIZE];
	struct dns_opt opt = reply_opt_ede(query, block->ede, with_reference(block, text));
	struct dns_builder b;
	dns_build_open(&b, room, size_max, query, rcodes[o->form],
	               query->edns.is_present ? &opt : NULL);
	if (address.size)
		dns_build_address(&b, &query->name, ttl, address);
	else if (o->form != BLOCK_REFUSED)
		add_soa(&b, query, block->zone_labels, ttl);
	int size = dns_build_close(&b);
	return size > 0 ? (size_t)size : 0;
}
