/* egress_inside.h - routes, addresses and rules of a network namespace, asked for by a child that joins it.
 *
 * Sends nothing, changes nothing.
 * Limits:  8 MiB of rules, 20 seconds for nft. */
#pragma once

#include "scan/egress.h"

/* `space` of -1: our own. Fills routes and addresses of `f`, which may be NULL, and the rules for programs of `uid`;
 * `*ret_has` where they could be read. What cannot be asked stays as it is. */
void egress_ask_inside(int space, uint32_t uid, struct egress_facts *f, bool *ret_has,
                       struct egress_firewall *ret_rules);
