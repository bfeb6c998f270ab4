/* rules.h - the text of the rules by which packets come to the gate: table `inet writ`, and nothing else.
 *
 * What:    pure: options in, the input of `nft -f -` out; and, where the kernel has no nft `queue`, the input
 *          of `iptables-restore` and `ip6tables-restore` for the one rule that queues what the table marked.
 *          Who runs them is daemon/packet_rules.h.
 * Threads: any. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "gate/packet/options.h"

struct packet_rules {
	const struct packet_options *options;
	unsigned queues;           /* how many */
	bool has_nft_queue;        /* the kernel knows the statement */
	const uint32_t *own_users; /* whose packets are let be (`host`): those of our own roles */
	size_t own_user_count;
};

/* Replaces the table, or makes it; one transaction. */
void packet_rules_nft(const struct packet_rules *r, struct buffer *ret);
/* Removes it; fine when there is none. */
void packet_rules_nft_remove(struct buffer *ret);
/* `--noflush` input for chains of our own, named writ-*; nothing where nft queues itself. */
void packet_rules_iptables(const struct packet_rules *r, struct buffer *ret);
void packet_rules_iptables_remove(const struct packet_rules *r, struct buffer *ret);
