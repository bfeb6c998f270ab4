/* packet_filter.h - whether the machine filters packets that a socket would receive or send.
 *
 * What:    looks for chains of nftables (which iptables uses too) and for tables of the older iptables, in the
 *          network namespace of this process. A chain counts though it has no rule, since one may come.
 * Needs:   CAP_NET_ADMIN.
 * Source:  linux/netfilter/nf_tables.h. */
#pragma once

#include "base/err.h"

enum { PACKET_FILTER_NONE = 0, PACKET_FILTER_SET = 1 };

/* One of them, or -errno when it cannot be told. */
int packet_filter_ask(void) must_check;
