/* packet_rules.h - has the kernel take the rules by which packets come to the gate (gate/packet/rules.h).
 *
 * What:    runs `nft -f -`, and iptables-nft-restore and ip6tables-nft-restore where the kernel's nft has no
 *          `queue`. Only the parent calls this: before the packet role is started first, and when all have
 *          ended. While the role restarts the rules stay, so that the option `failure` decides.
 *          Switches of the kernel (sysctl) that are needed are put on and, by packet_rules_remove(), back.
 * Fails:   with one sentence for people in `why`, the tool's own words in it; what was installed before stays.
 * Threads: one, which waits for these programs: 0.2 s, at the worst 20 s each. */
#pragma once

#include "base/err.h"
#include "gate/packet/rules.h"

enum { PACKET_RULES_WHY_SIZE = 400 };

/* Finds out what the kernel can (sets has_nft_queue and has_nft_fib), has the rules checked, then replaces ours, those of an
 * instance that was killed too. ERR_DENIED without CAP_NET_ADMIN, ERR_MISSING without the programs. */
int packet_rules_apply(struct packet_rules *r, char why[static PACKET_RULES_WHY_SIZE]) must_check;
/* Removes all that is ours, of any mode; fine when there is nothing. */
int packet_rules_remove(const struct packet_rules *r,
                        char why[static PACKET_RULES_WHY_SIZE]) must_check;
/* The text that apply() hands over, each part under the command that reads it, as a comment. */
void packet_rules_print(const struct packet_rules *r, struct buffer *ret);
