#include "net/packet_filter.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

enum { ANSWER_SIZE = 32768, MORE = 2 };

static int ask_for_chains(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nfgenmsg body;
	} request = {.header = {.nlmsg_len = sizeof(request),
	                        .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN,
	                        .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	             .body = {.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0}};
	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : OK;
}

/* A chain with a hook hears packets; others are only called from those. */
static bool has_hook(const struct nlmsghdr *m)
{
	const uint8_t *body = NLMSG_DATA(m), *end = (const uint8_t *)m + m->nlmsg_len;
	const uint8_t *at = body + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	struct nlattr a;
	for (; end - at >= (ptrdiff_t)sizeof(a); at += NLA_ALIGN(a.nla_len)) {
		memcpy(&a, at, sizeof(a));
		if ((a.nla_type & NLA_TYPE_MASK) == NFTA_CHAIN_HOOK)
			return true;
		if (a.nla_len < sizeof(a) || NLA_ALIGN(a.nla_len) > end - at)
			return false;
	}
	return false;
}

static bool is_of_internet(const struct nlmsghdr *m)
{
	const struct nfgenmsg *body = NLMSG_DATA(m);
	return body->nfgen_family != NFPROTO_ARP && body->nfgen_family != NFPROTO_BRIDGE;
}

/* PACKET_FILTER_*, MORE when the next message may tell, or -errno. */
static int judge(const struct nlmsghdr *m)
{
	if (m->nlmsg_type == NLMSG_DONE)
		return PACKET_FILTER_NONE;
	if (m->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = NLMSG_DATA(m);
		/* a kernel without nftables does not know the question */
		return e->error == -EINVAL || e->error == -EOPNOTSUPP ? PACKET_FILTER_NONE
		                                                      : e->error;
	}
	return is_of_internet(m) && has_hook(m) ? PACKET_FILTER_SET : MORE;
}

static int read_chains(int fd)
{
	static const struct timeval patience = {.tv_sec = 2};
	uint8_t bytes[ANSWER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	int code = MORE;
	while (code == MORE) {
		ssize_t size = recv(fd, bytes, sizeof(bytes), 0);
		if (size < 0)
			return -errno;
		const void *at = bytes;
		for (const struct nlmsghdr *m = at; code == MORE && NLMSG_OK(m, size);
		     m = NLMSG_NEXT(m, size))
			code = judge(m);
	}
	return code;
}

static int ask_nftables(void)
{
	cleanup(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0)
		return errno == EPROTONOSUPPORT ? PACKET_FILTER_NONE : -errno;
	int code = ask_for_chains(fd);
	return code < 0 ? code : read_chains(fd);
}

/* Each line names a table that is in use. */
static bool has_old_tables(const char *path)
{
	cleanup(file) FILE *f = fopen(path, "re");
	return f && fgetc(f) != EOF;
}

int packet_filter_ask(void)
{
	if (has_old_tables("/proc/thread-self/net/ip_tables_names") ||
	    has_old_tables("/proc/thread-self/net/ip6_tables_names"))
		return PACKET_FILTER_SET;
	return ask_nftables();
}
