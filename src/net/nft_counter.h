/* nft_counter.h - reads a named counter of a table of nftables, family inet, in this network namespace.
 *
 * What:    one question to the kernel, some 20 µs; nothing is kept between two.
 * Needs:   CAP_NET_ADMIN.
 * Fails:   -errno; -ENOENT where there is no such table or counter. No output is touched then.
 * Source:  linux/netfilter/nf_tables.h (NFT_MSG_GETOBJ), libmnl. */
#pragma once

#include <stdint.h>

#include "base/err.h"

int nft_counter_read(const char *table, const char *name, uint64_t *ret_packets) must_check;
