#include "scan/egress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const egress_verdict_names[] = {"confined", "unknown", "not confined"};

/* Networks whose addresses lead to nobody outside. */
static const struct {
	uint8_t size, bits, bytes[4];
} inside[] = {
	{4, 8, {0}},         {4, 8, {10}},        {4, 8, {127}},
	{4, 10, {100, 64}},  {4, 16, {169, 254}}, {4, 12, {172, 16}},
	{4, 16, {192, 168}}, {4, 4, {224}},       {16, 10, {0xfe, 0x80}},
	{16, 7, {0xfc}},     {16, 8, {0xff}},
};

static bool has_prefix(const struct address *a, const uint8_t *bytes, unsigned bits)
{
	for (unsigned i = 0; i < bits; i++) {
		uint8_t mask = (uint8_t)(0x80 >> (i % 8));
		if ((a->bytes[i / 8] & mask) != (bytes[i / 8] & mask))
			return false;
	}
	return true;
}

bool egress_is_outside(const struct address *a)
{
	static const uint8_t zeros[15];
	if (a->size == 0 ||
	    (a->size == 16 && memcmp(a->bytes, zeros, 15) == 0 && a->bytes[15] <= 1))
		return false;
	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
		if (inside[i].size == a->size && has_prefix(a, inside[i].bytes, inside[i].bits))
			return false;
	}
	return true;
}

void egress_add_reason(struct egress_result *result, const char *format, ...)
{
	va_list args;
	if (result->reason_count == EGRESS_REASONS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(result->reasons[result->reason_count++], EGRESS_REASON_SIZE, format, args);
	va_end(args);
}

static enum egress_verdict worse(enum egress_verdict a, enum egress_verdict b)
{
	return a > b ? a : b;
}

static enum egress_verdict judge_host(const struct egress_facts *f, int family, enum egress_way way,
                                      struct egress_result *r)
{
	if (!f->has_host_firewall) {
		egress_add_reason(
			r, "IPv%d: the rules of the machine for what it forwards could not be read",
			family);
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (way == EGRESS_CLOSED) {
		egress_add_reason(r, "IPv%d: the machine forwards nothing", family);
		return EGRESS_CONFINED;
	}
	if (way == EGRESS_UNKNOWN) {
		egress_add_reason(
			r,
			"IPv%d: the machine's rules for what it forwards cannot be followed to their end",
			family);
		return EGRESS_VERDICT_UNKNOWN;
	}
	egress_add_reason(r, "IPv%d: there is a route out, and no rule that closes it", family);
	return EGRESS_NOT_CONFINED;
}

static enum egress_verdict judge_firewall(const struct egress_facts *f, int family,
                                          enum egress_way own, enum egress_way host,
                                          struct egress_result *r)
{
	if (f->has_firewall && own == EGRESS_CLOSED) {
		egress_add_reason(r, "IPv%d: a rule of its namespace drops all that leaves",
		                  family);
		if (!f->may_change)
			return EGRESS_CONFINED;
		egress_add_reason(r, "it may change these rules (CAP_NET_ADMIN)");
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (!f->has_firewall) {
		egress_add_reason(
			r, "IPv%d: there is a route out; the rules could not be read (root can)",
			family);
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (own == EGRESS_UNKNOWN || f->has_old_tables) {
		egress_add_reason(
			r,
			f->has_old_tables
				? "IPv%d: there is a route out; rules of iptables (legacy) are not followed"
				: "IPv%d: there is a route out; the rules cannot be followed to their end",
			family);
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (!f->is_own_space)
		return judge_host(f, family, host, r);
	egress_add_reason(r, "IPv%d: there is a route out, and no rule that closes it", family);
	return EGRESS_NOT_CONFINED;
}

static enum egress_verdict judge_family(const struct egress_facts *f, int family,
                                        struct egress_result *r)
{
	enum egress_known route = family == 4 ? f->route4 : f->route6;
	if (route == KNOWN_NOT) {
		egress_add_reason(r, "IPv%d: the kernel has no route to an address outside",
		                  family);
		if (!f->may_change)
			return EGRESS_CONFINED;
		egress_add_reason(r, "it may add a route (CAP_NET_ADMIN)");
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (route == KNOWN_NO) {
		egress_add_reason(r, "IPv%d: its routes could not be asked for (root can)", family);
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (f->unit_filter == EGRESS_CLOSED) {
		egress_add_reason(
			r,
			"IPv%d: IPAddressDeny= of its unit, which the kernel has attached, drops all that leaves",
			family);
		return EGRESS_CONFINED;
	}
	return judge_firewall(f, family, family == 4 ? f->firewall.ip4 : f->firewall.ip6,
	                      family == 4 ? f->host.forward4 : f->host.forward6, r);
}

static enum egress_verdict judge_ways(const struct egress_facts *f, struct egress_result *r)
{
	if (f->interfaces[0] == '\0') {
		egress_add_reason(r, "its network namespace has no interface but the loopback");
		return EGRESS_CONFINED;
	}
	egress_add_reason(r, "%s, with %s",
	                  f->is_own_space ? "it is in the machine's network namespace"
	                                  : "it has a network namespace of its own",
	                  f->interfaces);
	enum egress_verdict ip4 = judge_family(f, 4, r), ip6 = judge_family(f, 6, r);
	return worse(ip4, ip6);
}

void egress_judge(const struct egress_facts *f, struct egress_result *result)
{
	char text[ADDRESS_TEXT_SIZE];
	enum egress_verdict v = judge_ways(f, result);
	if (f->may_leave) {
		egress_add_reason(result, "it may leave its namespace (CAP_SYS_ADMIN)");
		v = worse(v, EGRESS_VERDICT_UNKNOWN);
	}
	if (f->connection.size) {
		egress_add_reason(result, "it has a connection to %s, %s",
		                  address_print(&f->connection, text),
		                  f->is_listed_connection ? "which the policy lists" : "outside");
		v = EGRESS_NOT_CONFINED;
	}
	if (f->events) {
		egress_add_reason(result, "gates met its addresses %llu times in that time",
		                  (unsigned long long)f->events);
		v = worse(v, EGRESS_VERDICT_UNKNOWN);
	}
	result->verdict = worse(result->verdict, v);
}
