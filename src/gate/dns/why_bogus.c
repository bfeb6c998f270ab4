#include "gate/dns/why_bogus.h"

#include <stddef.h>
#include <string.h>

#include "wire/dns.h"

/* The first that fits: what comes earlier says more. */
static const struct {
	const char *part;
	uint16_t code;
} reasons[] = {
	{"signature expired", DNS_EDE_SIGNATURE_EXPIRED},
	{"signature before inception", DNS_EDE_SIGNATURE_NOT_YET_VALID},
	{"DNSKEY missing", DNS_EDE_DNSKEY_MISSING},
	{"Missing DNSKEY", DNS_EDE_DNSKEY_MISSING},
	{"No DNSKEY", DNS_EDE_DNSKEY_MISSING},
	{"no DNSKEY", DNS_EDE_DNSKEY_MISSING},
	{"no keys have a DS", DNS_EDE_DNSKEY_MISSING},
	{"did not match DS", DNS_EDE_DNSKEY_MISSING},
	{"did not match anchor", DNS_EDE_DNSKEY_MISSING},
	{"DS hash mismatches key", DNS_EDE_DNSKEY_MISSING},
	{"algorithm refused", DNS_EDE_UNSUPPORTED_DNSKEY_ALGORITHM},
	{"no signatures", DNS_EDE_RRSIGS_MISSING},
	{"signature missing", DNS_EDE_RRSIGS_MISSING},
	{"signature for expected key", DNS_EDE_RRSIGS_MISSING}, /* the same, of newer versions */
	{"no DNSSEC records", DNS_EDE_NSEC_MISSING},
	{"no NSEC", DNS_EDE_NSEC_MISSING},
	{"proof failed", DNS_EDE_NSEC_MISSING},
	{"not prove", DNS_EDE_NSEC_MISSING},
	{"failed to prove", DNS_EDE_NSEC_MISSING},
};

uint16_t why_bogus_code(const char *text)
{
	for (size_t i = 0; text && i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strstr(text, reasons[i].part))
			return reasons[i].code;
	}
	return DNS_EDE_DNSSEC_BOGUS;
}
