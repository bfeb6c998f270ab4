#include "wire/dns.h"

#include <stdio.h>

#include "base/decimal.h"

struct code_text {
	uint16_t code;
	const char *text;
};

static const struct code_text types[] = {
	{DNS_TYPE_A, "A"},
	{DNS_TYPE_NS, "NS"},
	{DNS_TYPE_CNAME, "CNAME"},
	{DNS_TYPE_SOA, "SOA"},
	{DNS_TYPE_PTR, "PTR"},
	{DNS_TYPE_HINFO, "HINFO"},
	{DNS_TYPE_MINFO, "MINFO"},
	{DNS_TYPE_MX, "MX"},
	{DNS_TYPE_TXT, "TXT"},
	{DNS_TYPE_RP, "RP"},
	{DNS_TYPE_AFSDB, "AFSDB"},
	{DNS_TYPE_RT, "RT"},
	{DNS_TYPE_SIG, "SIG"},
	{DNS_TYPE_PX, "PX"},
	{DNS_TYPE_AAAA, "AAAA"},
	{DNS_TYPE_NXT, "NXT"},
	{DNS_TYPE_SRV, "SRV"},
	{DNS_TYPE_NAPTR, "NAPTR"},
	{DNS_TYPE_KX, "KX"},
	{DNS_TYPE_DNAME, "DNAME"},
	{DNS_TYPE_OPT, "OPT"},
	{DNS_TYPE_DS, "DS"},
	{DNS_TYPE_SSHFP, "SSHFP"},
	{DNS_TYPE_RRSIG, "RRSIG"},
	{DNS_TYPE_NSEC, "NSEC"},
	{DNS_TYPE_DNSKEY, "DNSKEY"},
	{DNS_TYPE_NSEC3, "NSEC3"},
	{DNS_TYPE_NSEC3PARAM, "NSEC3PARAM"},
	{DNS_TYPE_TLSA, "TLSA"},
	{DNS_TYPE_CDS, "CDS"},
	{DNS_TYPE_CDNSKEY, "CDNSKEY"},
	{DNS_TYPE_SVCB, "SVCB"},
	{DNS_TYPE_HTTPS, "HTTPS"},
	{DNS_TYPE_TSIG, "TSIG"},
	{DNS_TYPE_IXFR, "IXFR"},
	{DNS_TYPE_AXFR, "AXFR"},
	{DNS_TYPE_ANY, "ANY"},
	{DNS_TYPE_CAA, "CAA"},
};

static const struct code_text rcodes[] = {
	{DNS_RCODE_NOERROR, "NOERROR"},     {DNS_RCODE_FORMERR, "FORMERR"},
	{DNS_RCODE_SERVFAIL, "SERVFAIL"},   {DNS_RCODE_NXDOMAIN, "NXDOMAIN"},
	{DNS_RCODE_NOTIMP, "NOTIMP"},       {DNS_RCODE_REFUSED, "REFUSED"},
	{DNS_RCODE_YXDOMAIN, "YXDOMAIN"},   {DNS_RCODE_YXRRSET, "YXRRSET"},
	{DNS_RCODE_NXRRSET, "NXRRSET"},     {DNS_RCODE_NOTAUTH, "NOTAUTH"},
	{DNS_RCODE_NOTZONE, "NOTZONE"},     {DNS_RCODE_BADVERS, "BADVERS"},
	{DNS_RCODE_BADCOOKIE, "BADCOOKIE"},
};

/* in the registry's order, without gaps: the index is the code */
static const char *const extended_errors[] = {
	"Other Error",
	"Unsupported DNSKEY Algorithm",
	"Unsupported DS Digest Type",
	"Stale Answer",
	"Forged Answer",
	"DNSSEC Indeterminate",
	"DNSSEC Bogus",
	"Signature Expired",
	"Signature Not Yet Valid",
	"DNSKEY Missing",
	"RRSIGs Missing",
	"No Zone Key Bit Set",
	"NSEC Missing",
	"Cached Error",
	"Not Ready",
	"Blocked",
	"Censored",
	"Filtered",
	"Prohibited",
	"Stale NXDomain Answer",
	"Not Authoritative",
	"Not Supported",
	"No Reachable Authority",
	"Network Error",
	"Invalid Data",
	"Signature Expired before Valid",
	"Too Early",
	"Unsupported NSEC3 Iterations Value",
	"Unable to conform to policy",
	"Synthesized",
	"Invalid Query Type",
};

enum {
	TYPES = sizeof(types) / sizeof(types[0]),
	RCODES = sizeof(rcodes) / sizeof(rcodes[0]),
	EXTENDED_ERRORS = sizeof(extended_errors) / sizeof(extended_errors[0]),
};

const char *dns_type_text(uint16_t type, char text[static DNS_TYPE_TEXT_SIZE])
{
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].code == type)
			return types[i].text;
	}
	(void)snprintf(text, DNS_TYPE_TEXT_SIZE, "TYPE%u", type);
	return text;
}

static int parse_number(struct view digits, uint16_t *ret)
{
	uint64_t value;
	if (decimal_parse(digits, 5, &value) < 0 || value > UINT16_MAX)
		return ERR_MALFORMED;
	*ret = (uint16_t)value;
	return OK;
}

int dns_type_parse(struct view text, uint16_t *ret)
{
	for (size_t i = 0; i < TYPES; i++) {
		if (view_is_nocase(text, types[i].text)) {
			*ret = types[i].code;
			return OK;
		}
	}
	if (text.size < 4 || !view_is_nocase(view_of(text.bytes, 4), "TYPE"))
		return ERR_MALFORMED;
	return parse_number(view_skip(text, 4), ret);
}

const char *dns_rcode_text(uint16_t rcode)
{
	for (size_t i = 0; i < RCODES; i++) {
		if (rcodes[i].code == rcode)
			return rcodes[i].text;
	}
	return NULL;
}

const char *dns_ede_text(uint16_t code)
{
	return code < EXTENDED_ERRORS ? extended_errors[code] : NULL;
}
