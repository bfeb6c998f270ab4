/* egress.h - whether a program can reach the vendor, in the kernel's own terms.
 *
 * What:    egress_judge() is pure: facts of a program's network in, a verdict with its reasons out. "Confined" means
 *          that every way out that the kernel has for it is known to be closed; what is not known makes it "unknown".
 *          What it does not see: a Unix socket, a shared file or a vsock by which a program outside may relay.
 * Limits:  EGRESS_REASONS_MAX reasons of EGRESS_REASON_SIZE bytes. */
#pragma once

#include "base/address.h"
#include "base/err.h"
#include "scan/egress_firewall.h"
#include "scan/egress_unit.h"

enum {
	EGRESS_REASONS_MAX = 24,
	EGRESS_REASON_SIZE = 200,
	EGRESS_INTERFACES_SIZE = 200,
	EGRESS_FILTERS_SIZE = 100,
	EGRESS_ROUTE_SIZE = 160,
	EGRESS_ADDRESSES_MAX = 64,
};

enum egress_verdict { EGRESS_CONFINED, EGRESS_VERDICT_UNKNOWN, EGRESS_NOT_CONFINED };
extern const char *const egress_verdict_names[]; /* "confined" "unknown" "not confined" */

enum egress_known { KNOWN_NO, KNOWN_YES, KNOWN_NOT };

/* A route of one family to an address outside. */
struct egress_known_route {
	enum egress_known is_there;
	/* the route; with KNOWN_NO one that the kernel has and does not take just now, or empty: it could not be asked */
	char text[EGRESS_ROUTE_SIZE];
};

/* The programs that the kernel runs over what a control group sends: its own, and of those above it. */
struct egress_filters {
	bool is_asked; /* else `why` says why not */
	int why;       /* an error's code */
	unsigned count;
	char names[EGRESS_FILTERS_SIZE]; /* separated by blanks; of as many as have room */
	bool has_addresses,
		has_interfaces; /* systemd's, for IPAddressDeny= and RestrictNetworkInterfaces= */
};

/* What gates met of a namespace's addresses, by the evidence log. */
struct egress_events {
	bool is_asked;
	int64_t since_us, last_us;          /* TIME_MIN: there was none */
	uint64_t refused, passed, answered; /* blocked; let through on their way; names answered */
	uint64_t recorded_s;                /* how long of that time an instance recorded */
	bool lacks_keys; /* of a month whose pseudonyms nobody can make any more */
};

/* Of one network namespace, and the programs of the target in it. */
struct egress_facts {
	char interfaces
		[EGRESS_INTERFACES_SIZE]; /* names of those that are no loopback, separated by blanks */
	bool is_own_space; /* the one that this program is in: the machine's, as a rule */
	struct egress_known_route route4, route6;
	bool has_firewall, has_host_firewall; /* could be read */
	struct egress_firewall firewall, host;
	bool has_old_tables, has_host_old_tables; /* of iptables' own, which nft does not list */
	struct egress_unit unit;
	struct egress_filters filters;
	bool may_leave;            /* CAP_SYS_ADMIN over the namespaces of the machine */
	bool may_change;           /* CAP_NET_ADMIN in its namespace */
	struct address connection; /* one to an address outside; or none */
	bool is_listed_connection; /* the policy lists it */
	struct address
		addresses[EGRESS_ADDRESSES_MAX]; /* of its interfaces, without the loopback's */
	size_t address_count;
	struct egress_events events;
};

struct egress_result {
	enum egress_verdict verdict;
	char reasons[EGRESS_REASONS_MAX][EGRESS_REASON_SIZE];
	size_t reason_count;
	struct egress_events events; /* of its last namespace that has addresses */
};

/* Adds to `result`, which is all zero before the first: the least confined namespace counts. */
void egress_judge(const struct egress_facts *f, struct egress_result *result);
/* An address that is not this machine's, its link's or a private network's. */
bool egress_is_outside(const struct address *a);
/* A block with such addresses in it. */
bool egress_is_block_outside(const struct prefix *p);
void egress_add_reason(struct egress_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
