/* The filter in an interface's driver: datagrams for our listeners go to the socket of their queue, all else
 * goes on to the kernel. Whatever is not plain (options, extension headers, fragments, VLAN tags, other
 * protocols, frames for other stations) is the kernel's too, and so is a queue that has no socket. */
#include "net/xdp_filter.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#define IPV4_NO_OPTIONS 0x45
#define IPV4_FRAGMENT   0x3fff /* more of them, or not the first */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XDP_FILTER_LISTENERS_MAX);
	__type(key, struct xdp_filter_listener);
	__type(value, __u8);
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, XDP_FILTER_QUEUES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

/* Returns the UDP header, or NULL. Each sees to it that what it returns lies before `end`. */
static __always_inline const struct udphdr *read_v4(const void *at, const void *end,
                                                    struct xdp_filter_listener *key)
{
	const struct iphdr *ip = at;
	const struct udphdr *udp = (const void *)(ip + 1);
	if ((const void *)(udp + 1) > end || *(const __u8 *)at != IPV4_NO_OPTIONS ||
	    ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(IPV4_FRAGMENT))
		return 0;
	__builtin_memcpy(key->address, &ip->daddr, sizeof(ip->daddr));
	return udp;
}

static __always_inline const struct udphdr *read_v6(const void *at, const void *end,
                                                    struct xdp_filter_listener *key)
{
	const struct ipv6hdr *ip = at;
	const struct udphdr *udp = (const void *)(ip + 1);
	if ((const void *)(udp + 1) > end || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return 0;
	__builtin_memcpy(key->address, &ip->daddr, sizeof(ip->daddr));
	return udp;
}

SEC("xdp")
int filter(struct xdp_md *context)
{
	const void *begin = (const void *)(long)context->data;
	const void *end = (const void *)(long)context->data_end;
	const struct ethhdr *ethernet = begin;
	const struct udphdr *udp = 0;
	struct xdp_filter_listener key = {};
	if ((const void *)(ethernet + 1) > end || end - begin > XDP_FILTER_FRAME_MAX)
		return XDP_PASS;
	if (ethernet->h_proto == bpf_htons(ETH_P_IP))
		udp = read_v4(ethernet + 1, end, &key);
	else if (ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		udp = read_v6(ethernet + 1, end, &key);
	if (!udp)
		return XDP_PASS;
	__builtin_memcpy(key.mac, ethernet->h_dest, sizeof(key.mac));
	key.ethertype = ethernet->h_proto;
	key.port = udp->dest;
	if (!bpf_map_lookup_elem(&listeners, &key))
		return XDP_PASS;
	return bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS);
}

/* the helpers above are for programs under the kernel's own licence */
char licence_of_filter[] SEC("license") = "GPL";
