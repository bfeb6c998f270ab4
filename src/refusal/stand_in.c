#include "refusal/stand_in.h"

#include "wire/dns_message.h"
#include "wire/dns_rdata.h"

void stand_in_find(const struct policy *policy, const struct dns_block_options *options,
                   uint32_t rule, uint32_t place, const struct dname *name, struct dname *alias,
                   struct stand_in *ret)
{
	const struct image_answer *a = policy_answer(policy, rule, place);
	*ret = (struct stand_in){
		.form = (enum block_form)options->form, .options = options, .policy = policy};
	if (!a && ret->form == BLOCK_NXDOMAIN)
		return;
	if (policy_is_canary(policy, name)) {
		ret->form = BLOCK_NXDOMAIN;
		return;
	}
	if (!a)
		return;
	ret->answer = a;
	ret->form = a->alias ? BLOCK_NODATA : (enum block_form)a->form;
	/* policy_open() has read the alias once; one that leads to itself leads nowhere */
	if (a->alias && dname_parse_text(view_text(policy_text(policy, a->alias)), alias) == OK &&
	    !dname_equal(alias, name))
		ret->alias = alias;
}

bool stand_in_follows(uint16_t type)
{
	return type == DNS_TYPE_A || type == DNS_TYPE_AAAA || type == DNS_TYPE_HTTPS;
}

static void write_record(const struct stand_in *s, const struct dns_record *record,
                         struct dns_builder *b, uint32_t ttl_max)
{
	struct dname owner, target;
	uint32_t ttl = record->ttl > s->target_age_s ? record->ttl - s->target_age_s : 0;
	ttl = ttl < ttl_max ? ttl : ttl_max;
	if (dns_record_name(s->target, record, &owner) < 0)
		return;
	if (record->type != DNS_TYPE_CNAME)
		dns_build_record(b, DNS_ANSWER, &owner, record->type, ttl, record->rdata);
	else if (dns_rdata_name(s->target, record, &target) >= 0)
		dns_build_cname(b, &owner, ttl, &target);
}

static void write_alias(const struct stand_in *s, struct dns_builder *b,
                        const struct dns_query *query, uint32_t ttl)
{
	struct dns_walk w;
	struct dns_record record;
	dns_build_cname(b, &query->name, ttl, s->alias);
	if (s->target.size == 0 || dns_walk_open(s->target, &w) < 0)
		return;
	while (dns_walk_next(&w, &record) > 0) {
		if (record.section == DNS_ANSWER &&
		    (record.type == DNS_TYPE_CNAME ||
		     (record.type == query->type && stand_in_follows(record.type))))
			write_record(s, &record, b, ttl);
	}
}

/* The address of the gate's options; empty when there is none for this type. */
static struct view own_address(const struct stand_in *s, size_t size)
{
	static const uint8_t zero[16];
	const struct prefix *p = size == 4 ? &s->options->address4 : &s->options->address6;
	if (s->form == BLOCK_NULL)
		return view_of(zero, size);
	return view_of(p->bytes, s->form == BLOCK_ADDRESS && p->family ? size : 0);
}

bool stand_in_write(const struct stand_in *s, struct dns_builder *b, const struct dns_query *query,
                    uint32_t ttl)
{
	size_t size = query->type == DNS_TYPE_A ? 4 : query->type == DNS_TYPE_AAAA ? 16 : 0;
	bool is_any = false;
	if (s->alias) {
		write_alias(s, b, query, ttl);
		return true;
	}
	for (uint32_t i = 0; s->answer && i < s->answer->addresses_count; i++) {
		struct address address = policy_answer_address(s->policy, s->answer, i);
		if (address.size != size)
			continue;
		dns_build_address(b, &query->name, ttl, view_of(address.bytes, size));
		is_any = true;
	}
	if (s->answer && s->answer->addresses_count)
		return is_any;
	struct view address = own_address(s, size);
	if (address.size)
		dns_build_address(b, &query->name, ttl, address);
	return address.size > 0;
}
