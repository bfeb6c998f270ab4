#include "gate/dns/inspect.h"

#include "wire/dns_message.h"
#include "wire/dns_rdata.h"
#include "wire/dns_svcb.h"

struct inspection {
	struct view message;
	const struct policy *policy;
	struct facts who;
	struct inspected *result;
};

static void judge(struct inspection *i, const struct facts *facts)
{
	struct verdict verdict;
	policy_decide(i->policy, facts, &verdict);
	if (verdict.reason == REASON_UNLISTED)
		return;
	struct inspected *result = i->result;
	bool is_first = result->is_clean;
	result->is_clean = false;
	if (!is_first && verdict.action <= result->worst.action)
		return;
	result->worst = verdict;
	result->name.size = 0;
	if (facts->name)
		result->name = *facts->name;
}

static void judge_name(struct inspection *i, const struct dname *name)
{
	struct facts facts = i->who;
	facts.name = name;
	facts.name_is_alias_target = true;
	judge(i, &facts);
	if (policy_strips_ech(i->policy, name))
		i->result->strips_ech = true;
}

static void judge_addresses(struct inspection *i, struct view bytes, size_t size)
{
	for (; bytes.size >= size; bytes = view_skip(bytes, size)) {
		struct facts facts = i->who;
		facts.destination = address_from_bytes(bytes.bytes, size);
		judge(i, &facts);
	}
}

static int judge_service(struct inspection *i, const struct dns_record *record)
{
	struct dns_svcb svcb;
	struct dns_svcb_param param;
	int r = dns_svcb_parse(record->rdata, &svcb);
	if (r < 0)
		return r;
	if (svcb.target.labels > 0) /* the root stands for the owner itself */
		judge_name(i, &svcb.target);
	while ((r = dns_svcb_next(&svcb.params, &param)) > 0) {
		if (param.key == DNS_SVCB_IPV4HINT)
			judge_addresses(i, param.value, 4);
		else if (param.key == DNS_SVCB_IPV6HINT)
			judge_addresses(i, param.value, 16);
	}
	return r;
}

static int judge_record(struct inspection *i, const struct dns_record *record)
{
	struct dname name;
	int r = OK;
	switch (record->type) {
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
		r = dns_rdata_name(i->message, record, &name);
		if (r >= 0)
			judge_name(i, &name);
		return r;
	case DNS_TYPE_SVCB:
	case DNS_TYPE_HTTPS: return judge_service(i, record);
	case DNS_TYPE_A: judge_addresses(i, record->rdata, 4); return OK;
	case DNS_TYPE_AAAA: judge_addresses(i, record->rdata, 16); return OK;
	default: return OK;
	}
}

/* Addresses beside an answer belong to the services in it, or to name servers and the like, which are
 * nobody's destination. */
static bool is_of_answer(const struct dns_record *record, bool has_service)
{
	return record->section == DNS_ANSWER || (record->section == DNS_ADDITIONAL && has_service);
}

void inspect_answer(struct view message, const struct policy *policy, const struct facts *who,
                    struct inspected *ret)
{
	*ret = (struct inspected){.is_clean = true,
	                          .worst = {.reason = REASON_UNLISTED,
	                                    .identifier = NONE,
	                                    .rule = NONE,
	                                    .exemption = NONE}};
	struct inspection i = {
		.message = message,
		.policy = policy,
		.result = ret,
		.who = {.at_us = who->at_us, .place = who->place, .client = who->client}};
	struct dns_walk w;
	struct dns_record record;
	bool has_service = false;
	int r = dns_walk_open(message, &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		has_service |= record.type == DNS_TYPE_SVCB || record.type == DNS_TYPE_HTTPS;
		/* what one record hides must not hide the others */
		if (is_of_answer(&record, has_service) && judge_record(&i, &record) < 0)
			ret->is_clean = false;
	}
	if (r < 0)
		ret->is_clean = false;
}
