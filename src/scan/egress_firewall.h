/* egress_firewall.h - whether a list of nftables rules lets anything out of the machine or namespace that has them.
 *
 * What:    a pure function over what `nft -j -n list ruleset` prints. It never guesses: a rule that it cannot follow to its
 *          end makes the answer "unknown". Traffic that stays on the loopback interface, and answers to connections that
 *          stand already, are not out.
 * Fails:   ERR_MALFORMED; ERR_LIMIT over EGRESS_RULES_MAX objects.
 * Source:  libnftables-json(5). */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { EGRESS_RULES_MAX = 65536 };

enum egress_way { EGRESS_OPEN, EGRESS_UNKNOWN, EGRESS_CLOSED };

struct egress_firewall {
	enum egress_way ip4, ip6;           /* what the hook does to what is sent */
	enum egress_way forward4, forward6; /* to what comes from a namespace behind it */
};

/* For traffic of programs that run as `uid`. */
int egress_firewall_read(struct view json, uint32_t uid, struct egress_firewall *ret) must_check;
