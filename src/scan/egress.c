#include "scan/egress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "base/timestamp.h"

const char *const egress_verdict_names[] = {"confined", "unknown", "not confined"};

/* Networks whose addresses lead to nobody outside. Those for benchmarks (198.18.0.0/15) are none: programs that hand
 * what they are sent to a proxy use them as stand-ins for names outside. */
static const struct prefix inside[] = {
	{{0}, 8, ADDRESS_V4},           {{10}, 8, ADDRESS_V4},        {{127}, 8, ADDRESS_V4},
	{{100, 64}, 10, ADDRESS_V4},    {{169, 254}, 16, ADDRESS_V4}, {{172, 16}, 12, ADDRESS_V4},
	{{192, 168}, 16, ADDRESS_V4},   {{224}, 4, ADDRESS_V4},       {{0}, 127, ADDRESS_V6},
	{{0xfe, 0x80}, 10, ADDRESS_V6}, {{0xfc}, 7, ADDRESS_V6},      {{0xff}, 8, ADDRESS_V6},
};

bool egress_is_block_outside(const struct prefix *p)
{
	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
		if (p->bits >= inside[i].bits && prefix_contains(&inside[i], p->bytes, p->family))
			return false;
	}
	return true;
}

bool egress_is_outside(const struct address *a)
{
	struct prefix whole = {.bits = (uint8_t)(a->size * 8),
	                       .family = a->size == 16 ? ADDRESS_V6 : ADDRESS_V4};
	memcpy(whole.bytes, a->bytes, a->size);
	return a->size && egress_is_block_outside(&whole);
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
	if (way == EGRESS_UNKNOWN || f->has_host_old_tables) {
		egress_add_reason(
			r,
			f->has_host_old_tables
				? "IPv%d: there is a route out; the machine's rules of iptables (legacy) are not followed"
				: "IPv%d: the machine's rules for what it forwards cannot be followed to their end",
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

/* The setting of its unit that closes every way, where the kernel has the program for it. */
static const char *closing_filter(const struct egress_facts *f)
{
	if (f->unit.denies_addresses && f->filters.has_addresses)
		return "IPAddressDeny=";
	return f->unit.denies_interfaces && f->filters.has_interfaces ? "RestrictNetworkInterfaces="
	                                                              : NULL;
}

/* What systemd says counts only where the kernel has it, too. */
static void tell_setting(const struct egress_facts *f, bool is_set, bool is_there, const char *name,
                         struct egress_result *r)
{
	if (is_set && !f->filters.is_asked)
		egress_add_reason(
			r,
			"%s is set for its unit; whether the kernel has it could not be asked: %s",
			name, err_text(f->filters.why));
	else if (is_set && !is_there)
		egress_add_reason(r, "%s is set for its unit, but the kernel has no such filter",
		                  name);
}

static void tell_unit(const struct egress_facts *f, struct egress_result *r)
{
	tell_setting(f, f->unit.denies_addresses, f->filters.has_addresses, "IPAddressDeny=", r);
	tell_setting(f, f->unit.denies_interfaces, f->filters.has_interfaces,
	             "RestrictNetworkInterfaces=", r);
	if (f->unit.has_private_network && f->interfaces[0])
		egress_add_reason(
			r,
			"PrivateNetwork= is set for its unit, but its namespace has other interfaces");
}

static enum egress_verdict judge_no_route(const struct egress_facts *f, int family,
                                          struct egress_result *r)
{
	egress_add_reason(r, "IPv%d: the kernel has no route to an address outside", family);
	if (!f->may_change)
		return EGRESS_CONFINED;
	egress_add_reason(r, "it may add a route (CAP_NET_ADMIN)");
	return EGRESS_VERDICT_UNKNOWN;
}

/* Whether it is known that a way that no rule closes is one. */
static enum egress_verdict judge_open(const struct egress_facts *f, int family,
                                      enum egress_known route, struct egress_result *r)
{
	if (f->filters.count) {
		egress_add_reason(
			r,
			"IPv%d: a filter of its control group (BPF: %s) may close it; it cannot be followed",
			family, f->filters.names);
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (route == KNOWN_YES)
		return EGRESS_NOT_CONFINED;
	egress_add_reason(
		r,
		"IPv%d: the kernel does not take that route now; a mark or a rule of routing may lead there",
		family);
	return EGRESS_VERDICT_UNKNOWN;
}

static enum egress_verdict judge_family(const struct egress_facts *f, int family,
                                        struct egress_result *r)
{
	const struct egress_known_route *route = family == 4 ? &f->route4 : &f->route6;
	if (route->is_there == KNOWN_NOT)
		return judge_no_route(f, family, r);
	if (route->is_there == KNOWN_NO && !route->text[0]) {
		egress_add_reason(r, "IPv%d: its routes could not be asked for (root can)", family);
		return EGRESS_VERDICT_UNKNOWN;
	}
	if (route->text[0])
		egress_add_reason(r, "IPv%d: a route leads outside: %s", family, route->text);
	if (closing_filter(f)) {
		egress_add_reason(
			r,
			"IPv%d: %s of its unit, which the kernel has attached, drops all that leaves",
			family, closing_filter(f));
		return EGRESS_CONFINED;
	}
	enum egress_verdict v =
		judge_firewall(f, family, family == 4 ? f->firewall.ip4 : f->firewall.ip6,
	                       family == 4 ? f->host.forward4 : f->host.forward6, r);
	return v == EGRESS_NOT_CONFINED ? judge_open(f, family, route->is_there, r) : v;
}

static enum egress_verdict judge_ways(const struct egress_facts *f, struct egress_result *r)
{
	if (f->interfaces[0] == '\0') {
		egress_add_reason(r, "its network namespace has no interface but the loopback%s",
		                  f->unit.has_private_network ? " (PrivateNetwork= of its unit)"
		                                              : "");
		return EGRESS_CONFINED;
	}
	egress_add_reason(r, "%s, with %s",
	                  f->is_own_space ? "it is in the machine's network namespace"
	                                  : "it has a network namespace of its own",
	                  f->interfaces);
	enum egress_verdict ip4 = judge_family(f, 4, r), ip6 = judge_family(f, 6, r);
	return worse(ip4, ip6);
}

/* What gates let pass was on its way out; what they refused, or were only asked, may have been another's, or stopped
 * there. */
static enum egress_verdict judge_events(const struct egress_facts *f, struct egress_result *r)
{
	const struct egress_events *e = &f->events;
	char since[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE];
	const char *whose = f->is_own_space ? "of this machine's addresses" : "of its addresses";
	if (!e->is_asked)
		return EGRESS_CONFINED;
	(void)timestamp_print(e->since_us, since);
	if (e->lacks_keys)
		egress_add_reason(r, "a month's key is erased: events of then name nobody");
	if (f->address_count == EGRESS_ADDRESSES_MAX)
		egress_add_reason(r, "it has more addresses than gates' events are looked for");
	uint64_t minutes = e->recorded_s / 60;
	if (e->refused + e->passed + e->answered == 0) {
		egress_add_reason(r, "gates met none %s since %s, of which %llu %s recorded", whose,
		                  since, (unsigned long long)minutes,
		                  plural(minutes, "minute was", "minutes were"));
		return EGRESS_CONFINED;
	}
	egress_add_reason(
		r,
		"gates refused %llu act%s %s since %s, let %llu pass, answered %llu; the last at %s",
		(unsigned long long)e->refused, plural_s(e->refused), whose, since,
		(unsigned long long)e->passed, (unsigned long long)e->answered,
		timestamp_print(e->last_us, last));
	return e->passed && !f->is_own_space ? EGRESS_NOT_CONFINED : EGRESS_VERDICT_UNKNOWN;
}

void egress_judge(const struct egress_facts *f, struct egress_result *result)
{
	char text[ADDRESS_TEXT_SIZE];
	tell_unit(f, result);
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
	v = worse(v, judge_events(f, result));
	result->verdict = worse(result->verdict, v);
}
