#include "gate/dns/upstream_options.h"

#include "gate/dns/upstream.h"
#include "gate/dns/upstream_health.h"
#include "wire/dname.h"

enum { RECORDS_MAX = 4096 };

/* A forwarder that strips signatures would make every name bogus: there the anchor must be asked for. */
bool dns_may_validate(const struct dns_upstream_options *o)
{
	return o->validate && (o->trust_anchor || !o->forward.count);
}

bool dns_zone_may_validate(const struct dns_upstream_options *o,
                           const struct dns_zone_options *zone)
{
	return zone->validate && (zone->trust_anchor || dns_may_validate(o));
}

static int check_server(const void *value, const char **ret_expected)
{
	const char *const *text = value;
	struct upstream u;
	if (upstream_parse(view_text(*text), &u) == OK)
		return OK;
	*ret_expected = "an address such as 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53, "
			"tcp://192.0.2.1 for TCP, or 9.9.9.9#dns.quad9.net for TLS";
	return ERR_INVALID;
}

static int check_stub(const void *value, const char **ret_expected)
{
	const char *const *text = value;
	struct upstream u;
	if (upstream_parse(view_text(*text), &u) == OK && u.transport == UPSTREAM_UDP)
		return OK;
	*ret_expected = "an address such as 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53";
	return ERR_INVALID;
}

static int check_zone_name(const void *value, const char **ret_expected)
{
	const char *const *text = value;
	struct dname name;
	if (dname_parse_text(view_text(*text), &name) == OK && name.labels)
		return OK;
	*ret_expected = "a domain name; what holds for all names stands under dns.upstream";
	return ERR_INVALID;
}

static int check_zone(const void *value, const char **ret_expected)
{
	const struct dns_zone_options *z = value;
	if (z->forward.count && z->stub.count)
		*ret_expected = "either forward or stub";
	else if (z->validate && !z->stub.count && !z->forward.count)
		*ret_expected = "validate only beside forward or stub";
	else if (z->trust_anchor && !z->validate)
		*ret_expected = "trust_anchor only beside `validate: yes`";
	else if (!z->forward.count && !z->stub.count && !z->records.count)
		*ret_expected = "forward, stub or records";
	else
		return OK;
	return ERR_INVALID;
}

static const struct schema_field server = {.type = SCHEMA_TEXT, .check = check_server};
static const struct schema_field stub = {.type = SCHEMA_TEXT, .check = check_stub};
static const struct schema_field record = {.type = SCHEMA_TEXT, .min = 1, .max = 4096};

#define AT(member) .offset = offsetof(struct dns_upstream_options, member)
static const struct schema_field upstream_fields[] = {
	{.name = "forward",
         .type = SCHEMA_LIST,
         AT(forward),
         .item = &server,
         .list_max = HEALTH_GROUP_MAX,
         .help = "Resolvers to ask, the fastest first: 192.0.2.1, tcp://192.0.2.1, or 9.9.9.9#dns.quad9.net "
                 "for TLS with that name in the certificate. Without any the gate resolves by itself."},
	{.name = "ca_file",
         .type = SCHEMA_TEXT,
         AT(ca_file),
         .help = "File with the authorities that certificates of these resolvers may come from; left out: "
                 "the system's."},
	{.name = "root_hints",
         .type = SCHEMA_TEXT,
         AT(root_hints),
         .help = "File with the root servers; without it the built-in ones are used."},
	{.name = "validate",
         .type = SCHEMA_BOOL,
         AT(validate),
         .default_text = "yes",
         .help = "Check DNSSEC signatures, if there is a trust anchor."},
	{.name = "trust_anchor",
         .type = SCHEMA_TEXT,
         AT(trust_anchor),
         .help = "File with the root's key, and with those of signed zones of your own; left out: the "
                 "system's, if it has one and nothing is forwarded."},
	{.name = "timeout",
         .type = SCHEMA_DURATION,
         AT(timeout_us),
         .min = SECOND_US / 10,
         .max = 60 * SECOND_US,
         .default_text = "4 s",
         .help = "A client whose answer takes longer is told so (SERVFAIL)."},
	{.name = "questions",
         .type = SCHEMA_INT,
         AT(questions_max),
         .min = 16,
         .max = 65536,
         .default_text = "2048",
         .help = "Most questions under way, in each worker."},
	{.name = "waiting",
         .type = SCHEMA_INT,
         AT(waiting_max),
         .min = 16,
         .max = 1 << 20,
         .default_text = "8192",
         .help = "Most clients' queries waiting for them."},
	{.name = "minimise",
         .type = SCHEMA_BOOL,
         AT(minimise),
         .default_text = "yes",
         .help = "Tell each server no more of a name than it needs (RFC 9156)."},
	{.name = "random_case",
         .type = SCHEMA_BOOL,
         AT(random_case),
         .default_text = "yes",
         .help = "Ask for names in random case, which an answer must repeat (0x20). A resolver that does "
                 "not keep it is asked without."},
	{.name = "harden_referral",
         .type = SCHEMA_BOOL,
         AT(harden_referral),
         .default_text = "no",
         .help = "Look up the name servers of every referral as well; costs queries."},
	{.name = "special_names",
         .type = SCHEMA_BOOL,
         AT(special_names),
         .default_text = "yes",
         .help = "Answer here what no resolver outside can know: localhost, invalid, test, onion, alt, "
                 "home.arpa, and the reverse zones of private addresses, but for zones under dns.zones."},
	{.name = NULL},
};
#undef AT
const struct schema dns_upstream_schema = {.name = "upstream",
                                           .size = sizeof(struct dns_upstream_options),
                                           .fields = upstream_fields,
                                           .help = "Where answers to allowed names come from."};

#define AT(member) .offset = offsetof(struct dns_zone_options, member)
static const struct schema_field zone_fields[] = {
	{.name = "zone",
         .type = SCHEMA_NAME,
         AT(zone),
         .flags = SCHEMA_REQUIRED,
         .check = check_zone_name,
         .help = "The zone: corp.example, 10.in-addr.arpa. Of several the longest counts."},
	{.name = "forward",
         .type = SCHEMA_LIST,
         AT(forward),
         .item = &server,
         .list_max = HEALTH_GROUP_MAX,
         .help = "Resolvers to ask for names in this zone, written as in dns.upstream."},
	{.name = "stub",
         .type = SCHEMA_LIST,
         AT(stub),
         .item = &stub,
         .list_max = HEALTH_GROUP_MAX,
         .help = "Name servers of the zone, to be asked directly; what they delegate is followed."},
	{.name = "records",
         .type = SCHEMA_LIST,
         AT(records),
         .item = &record,
         .list_max = RECORDS_MAX,
         .help = "Answered here: \"www 300 A 192.0.2.1\", \"@ MX 10 mail\". Without forward and stub "
                 "there is nothing else in the zone."},
	{.name = "validate",
         .type = SCHEMA_BOOL,
         AT(validate),
         .default_text = "no",
         .help = "Check DNSSEC signatures in this zone too, if there is a trust anchor; inner zones often "
                 "have none. Without, all in the zone counts as unsigned."},
	{.name = "trust_anchor",
         .type = SCHEMA_TEXT,
         AT(trust_anchor),
         .min = 1,
         .max = 4000,
         .help = "File with the key of this zone, for one that its parent does not vouch for: lines of DNSKEY "
                 "or DS that begin with the zone's name. Beside `validate: yes`; counts whatever dns.upstream "
                 "says of signatures."},
	{.name = NULL},
};
#undef AT
const struct schema dns_zone_schema = {.name = "zone",
                                       .size = sizeof(struct dns_zone_options),
                                       .fields = zone_fields,
                                       .help = "Zones that go another way than all others.",
                                       .place_offset = offsetof(struct dns_zone_options, place),
                                       .check = check_zone};
