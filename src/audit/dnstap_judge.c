#include "audit/dnstap_judge.h"

#include "audit/coverage.h"
#include "wire/dns_message.h"
#include "wire/dns_rdata.h"

enum { ALIASES_MAX = 16 };

/* Who asks: a client; somebody for clients; nobody. By the number of a query's type and its response's. */
enum asker { ASKER_CLIENT, ASKER_OTHER, ASKER_NONE };

static const uint8_t askers[DNSTAP_TYPES] = {
	[0] = ASKER_NONE,
	[DNSTAP_AUTH_QUERY] = ASKER_CLIENT,
	[DNSTAP_AUTH_RESPONSE] = ASKER_CLIENT,
	[DNSTAP_RESOLVER_QUERY] = ASKER_OTHER,
	[DNSTAP_RESOLVER_RESPONSE] = ASKER_OTHER,
	[DNSTAP_CLIENT_QUERY] = ASKER_CLIENT,
	[DNSTAP_CLIENT_RESPONSE] = ASKER_CLIENT,
	[DNSTAP_FORWARDER_QUERY] = ASKER_OTHER,
	[DNSTAP_FORWARDER_RESPONSE] = ASKER_OTHER,
	[DNSTAP_STUB_QUERY] = ASKER_CLIENT,
	[DNSTAP_STUB_RESPONSE] = ASKER_CLIENT,
	[DNSTAP_TOOL_QUERY] = ASKER_CLIENT,
	[DNSTAP_TOOL_RESPONSE] = ASKER_CLIENT,
	[DNSTAP_UPDATE_QUERY] = ASKER_NONE,
	[DNSTAP_UPDATE_RESPONSE] = ASKER_NONE,
};

/* One message while it is judged. */
struct act {
	const struct audit_context *context;
	struct view message;
	struct dns_header header;
	struct dname name;
	size_t end; /* of the question */
	int64_t at_us;
	struct address client;
	uint32_t place;
};

/* Adds it when the policy lists that name, unless it was told already. */
static int meet(const struct act *a, const struct dname *name, bool is_alias, bool is_told,
                bool *ret_is_listed)
{
	char text[DNAME_TEXT_SIZE];
	struct sighting s = {.first_us = a->at_us,
	                     .last_us = a->at_us,
	                     .count = 1,
	                     .place = a->place,
	                     .client = a->client,
	                     .source = a->context->source,
	                     .at = a->context->coverage->items};
	const struct facts facts = {.at_us = a->at_us == TIME_MIN ? a->context->now_us : a->at_us,
	                            .place = a->place,
	                            .client = a->client,
	                            .name = name,
	                            .name_is_alias_target = is_alias};
	policy_decide(a->context->policy, &facts, &s.verdict);
	*ret_is_listed = s.verdict.identifier != NONE;
	if (!*ret_is_listed || is_told)
		return OK;
	s.what = view_text(dname_print(name, text));
	return findings_add(a->context->findings, &s);
}

/* Where aliases led to: the first that is listed. A message that ends early tells what it has. */
static int meet_aliases(const struct act *a)
{
	struct dns_walk w = dns_walk_from(a->message, &a->header, a->end);
	struct dns_record record;
	bool is_listed = false;
	for (unsigned i = 0; !is_listed && i < ALIASES_MAX && dns_walk_next(&w, &record) > 0 &&
	                     record.section == DNS_ANSWER;
	     i++) {
		struct dname target;
		if (record.type != DNS_TYPE_CNAME ||
		    dns_rdata_name(a->message, &record, &target) < 0)
			continue;
		int code = meet(a, &target, true, false, &is_listed);
		if (code < 0)
			return code;
	}
	return OK;
}

static int read_question(struct act *a)
{
	enum { FIXED_SIZE = 4 }; /* type and class */
	if (dns_header_parse(a->message, &a->header) < 0)
		return ERR_MALFORMED;
	if (a->header.counts[DNS_QUESTION] == 0)
		return ERR_MISSING;
	if (dns_name_read(a->message, DNS_HEADER_SIZE, &a->name, &a->end) < 0 ||
	    a->message.size - a->end < FIXED_SIZE)
		return ERR_MALFORMED;
	a->end += FIXED_SIZE;
	return OK;
}

/* The question, or else where its answer led to. */
static int judge(const struct act *a, bool is_query, bool *has_queries)
{
	bool is_listed, is_told = !is_query && *has_queries;
	*has_queries |= is_query;
	int code = meet(a, &a->name, false, is_told, &is_listed);
	return code < 0 || is_listed || is_query ? code : meet_aliases(a);
}

int dnstap_judge(const struct audit_context *context, const struct dnstap *tap,
                 struct dnstap_seen *seen)
{
	enum asker asker = tap->type < DNSTAP_TYPES ? askers[tap->type] : ASKER_NONE;
	bool is_query = tap->type % 2;
	struct act a = {.context = context,
	                .message = is_query ? tap->query : tap->response,
	                .at_us = is_query ? tap->query_at_us : tap->response_at_us,
	                .place = NONE};
	if (a.message.size == 0)
		a.message = is_query ? tap->response : tap->query;
	if (a.at_us == TIME_MIN)
		a.at_us = is_query ? tap->response_at_us : tap->query_at_us;
	coverage_time(context, a.at_us);
	if (asker == ASKER_NONE)
		return OK;
	if (asker == ASKER_CLIENT)
		seen->has_clients = true;
	else if (seen->has_clients)
		return OK;
	int code = read_question(&a);
	if (code < 0)
		return code == ERR_MISSING ? OK : code;
	if (asker == ASKER_CLIENT && tap->client.size) {
		a.client = tap->client;
		a.place = policy_place_of(context->policy, &a.client);
	}
	return judge(&a, is_query, &seen->has_queries[asker]);
}
