#include "gate/dns/core_internal.h"

/* What nearly all queries are. */
static bool is_ordinary(const struct dns_query *query)
{
	bool has_usual_type =
		(query->type > 0 && query->type < DNS_TYPE_OPT) || query->type == DNS_TYPE_HTTPS;
	return has_usual_type && query->class == DNS_CLASS_IN && !query->has_signature;
}

bool core_not_offered(struct dns_core *core, const struct turn *t, int *ret_size)
{
	static const struct {
		uint16_t first, last, rcode;
	} types[] = {
		{0, 0, DNS_RCODE_FORMERR},
		{DNS_TYPE_OPT, DNS_TYPE_OPT, DNS_RCODE_FORMERR},
		{DNS_TYPE_IXFR, DNS_TYPE_AXFR, DNS_RCODE_REFUSED},
		{128, 254, DNS_RCODE_NOTIMP}, /* other types that exist only in queries */
	};
	if (is_ordinary(t->query))
		return false;
	uint16_t rcode = DNS_RCODE_NOERROR;
	if (t->query->has_signature)
		rcode = DNS_RCODE_NOTAUTH;
	else if (t->query->class != DNS_CLASS_IN)
		rcode = DNS_RCODE_REFUSED;
	for (size_t i = 0; rcode == DNS_RCODE_NOERROR && i < sizeof(types) / sizeof(types[0]);
	     i++) {
		if (t->query->type >= types[i].first && t->query->type <= types[i].last)
			rcode = types[i].rcode;
	}
	if (rcode == DNS_RCODE_NOERROR)
		return false;
	dns_count(core->stats, DNS_NOT_OFFERED);
	*ret_size = core_error(core, t, rcode, DNS_EDE_NOT_SUPPORTED, NULL);
	return true;
}

int core_refuse(struct dns_core *core, const struct turn *t, enum dns_query_verdict parsed)
{
	int size;
	dns_count(core->stats, DNS_UNSERVED);
	if (core_limit_stranger(core, t, &size))
		return size;
	if (parsed != DNS_QUERY_OK && parsed != DNS_QUERY_COOKIE)
		return core_error(core, t, dns_query_rcode(parsed), DNS_REPLY_NO_EDE, NULL);
	return core_error(core, t, DNS_RCODE_REFUSED, DNS_EDE_PROHIBITED,
	                  "Only networks of the organisation are served.");
}

int core_malformed(struct dns_core *core, const struct turn *t, enum dns_query_verdict parsed)
{
	static const enum dns_counter counters[] = {[DNS_QUERY_DROP] = DNS_MALFORMED_SILENT,
	                                            [DNS_QUERY_FORMERR] = DNS_MALFORMED_FORMERR,
	                                            [DNS_QUERY_NOTIMP] = DNS_MALFORMED_NOTIMP,
	                                            [DNS_QUERY_BADVERS] = DNS_MALFORMED_BADVERS,
	                                            [DNS_QUERY_COOKIE] = DNS_MALFORMED_FORMERR};
	uint16_t rcode = dns_query_rcode(parsed);
	/* without cookies RFC 7873 s5.4 leaves FORMERR to a query that has no question */
	if (parsed == DNS_QUERY_COOKIE && !core->options->cookies)
		rcode = DNS_RCODE_FORMERR;
	if (rcode != DNS_RCODE_NOERROR)
		dns_count(core->stats, counters[parsed]);
	return core_error(core, t, rcode, DNS_REPLY_NO_EDE, NULL);
}
