#include "refusal/block.h"

#include "base/timestamp.h"
#include "record/event.h"
#include "refusal/structured_error.h"
#include "wire/dns_build.h"

enum { SOA_REFRESH = 3600, SOA_RETRY = 600, SOA_EXPIRE = 86400 };

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

/* The first `size` bytes of the text, and the reference if there is one. */
static struct view with_reference(const struct block *block, size_t size,
                                  char room[static BLOCK_TEXT_SIZE + EVENT_REFERENCE_SIZE])
{
	const struct block_text *text = block->text;
	if (!block->reference)
		return view_of(text->text, size);
	memcpy(room, text->text, size);
	memcpy(room + size, text->text + text->size, text->label_size);
	event_reference_print(block->reference, room + size + text->label_size);
	return view_of(room, size + text->label_size + EVENT_REFERENCE_SIZE - 1);
}

/* Where the explanation of one answer is put together. */
struct explanation {
	char text[BLOCK_TEXT_SIZE + EVENT_REFERENCE_SIZE];
	char reference[EVENT_REFERENCE_SIZE];
	uint8_t structured[STRUCTURED_ERROR_SIZE];
};

static struct view explain_structured(const struct block *block, size_t size_max,
                                      struct explanation *e)
{
	const struct policy *p = block->policy;
	const struct image_organisation *o = policy_organisation(p);
	struct structured_error error = {
		.ede = block->ede,
		.contact = view_text(policy_text(p, o->contact)),
		.justification = with_reference(block, block->text->why_size, e->text),
		.organisation = view_text(policy_text(p, o->name)),
		.language = view_text(block->text->language),
	};
	if (block->reference)
		error.reference = view_text(event_reference_print(block->reference, e->reference));
	return structured_error_write(&error, size_max, e->structured);
}

static struct view explain(const struct dns_block_options *o, const struct dns_query *query,
                           const struct block *block, const struct dns_builder *b,
                           struct explanation *e)
{
	if (query->edns.options.size &&
	    structured_error_is_wanted(&query->edns, (uint16_t)o->structured_option) &&
	    structured_error_exists(block->ede))
		return explain_structured(block, dns_build_left(b), e);
	return with_reference(block, block->text->size, e->text);
}

size_t block_answer(const struct dns_block_options *o, const struct dns_reply *reply,
                    const struct block *block, uint8_t *room, size_t size_max)
{
	static const uint16_t rcodes[] = {[BLOCK_NXDOMAIN] = DNS_RCODE_NXDOMAIN,
	                                  [BLOCK_NODATA] = DNS_RCODE_NOERROR,
	                                  [BLOCK_NULL] = DNS_RCODE_NOERROR,
	                                  [BLOCK_REFUSED] = DNS_RCODE_REFUSED,
	                                  [BLOCK_ADDRESS] = DNS_RCODE_NOERROR};
	const struct dns_query *query = reply->query;
	uint32_t ttl = (uint32_t)(o->ttl_us / SECOND_US);
	enum block_form form = block->stand_in->form;
	struct explanation explanation;
	struct dns_opt opt;
	if (reply->opt)
		opt = dns_reply_opt_ede(reply->opt, block->ede, (struct view){0});
	struct dns_builder b;
	dns_build_open(&b, room, size_max, query, rcodes[form], reply->opt ? &opt : NULL);
	if (!stand_in_write(block->stand_in, &b, query, ttl) && form != BLOCK_REFUSED)
		add_soa(&b, query, block->zone_labels, ttl);
	if (reply->opt)
		opt.ede_text = explain(o, query, block, &b, &explanation);
	int size = dns_build_close(&b);
	return size > 0 ? (size_t)size : 0;
}
