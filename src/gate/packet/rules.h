/* rules.h - the text of the rules by which packets come to the gate: table `inet writ`, and nothing else.
 *
 * What:    pure: options in, the input of `nft -f -` out; and, where the kernel has no nft `queue`, the input
 *          of `iptables-restore` and `ip6tables-restore` for the one rule that queues what the table marked.
 *          Who runs them is daemon/packet_rules.h.
 *
 *          Two chains at each hook, one on either side of the queue. The first lets pass what is none of ours
 *          or was decided, and marks the rest for the queue; the second copies what the role says of a packet
 *          into its connection. The order of a hook is made by priorities: behind destination NAT and before
 *          its undoing, so that both directions of a connection show the same two addresses, and the kernel
 *          gives them to the same queue; and behind the filters of the administrator.
 *
 *             hook      before   queue            after
 *             forward       49   49 (ipt: 150)      151
 *             output        49   49 (ipt: 150)      151
 *             input       -151   -151 (ipt: -150)  -149
 *
 *          iptables-nft has its table `security` at 150 and `mangle` at -150 (elsewhere `security` is at 50).
 * Needs:   options of mode `routed` or `host`.
 * Threads: any. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "gate/packet/options.h"

struct packet_rules {
	const struct packet_options *options;
	unsigned queues;           /* how many */
	bool has_nft_queue;        /* the kernel knows the statement */
	bool has_nft_fib;          /* likewise: by it forged answers are told */
	const uint32_t *own_users; /* whose packets are let be (`host`): those of our own roles */
	size_t own_user_count;
	unsigned switched; /* what daemon/packet_rules.h put on beside the rules, and puts back */
};

/* Replaces the table, or makes it; one transaction. */
void packet_rules_nft(const struct packet_rules *r, struct buffer *ret);
/* Removes it; fine when there is none. */
void packet_rules_nft_remove(struct buffer *ret);
/* Statements that not every kernel knows. */
enum packet_statement { PACKET_STATEMENT_QUEUE, PACKET_STATEMENT_FIB };
/* A table of no effect with that statement: whether the kernel takes it can be asked with `--check`. */
void packet_rules_nft_probe(enum packet_statement statement, struct buffer *ret);

/* A chain of ours in a table of iptables, and the chain that calls it. */
struct packet_hook {
	const char *table, *chain, *own;
};
/* Those of a mode; returns how many. PACKET_OFF and PACKET_PASSIVE have none. */
size_t packet_rules_hooks(enum packet_mode mode, const struct packet_hook **ret);
/* `--noflush` input for one hook: fills our chain anew, in one transaction with the call of it, unless that
 * `has_call` already. */
void packet_rules_iptables(const struct packet_rules *r, const struct packet_hook *hook,
                           bool has_call, struct buffer *ret);
/* There is a call. */
void packet_rules_iptables_remove(const struct packet_hook *hook, struct buffer *ret);
