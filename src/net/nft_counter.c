#include "net/nft_counter.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
/* clang-format off */
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
/* clang-format on */
#include <stdbool.h>

#include "base/cleanup.h"

enum { MESSAGE_SIZE = 8192 };

DEFINE_CLEANUP(mnl_socket, struct mnl_socket *, mnl_socket_close);

struct answer {
	bool is_there;
	uint64_t packets;
};

/* An object, the data of an object: both are looked through for what leads to the number. */
static int on_attribute(const struct nlattr *attribute, void *context)
{
	struct answer *a = context;
	if (mnl_attr_get_type(attribute) != NFTA_COUNTER_PACKETS ||
	    mnl_attr_validate(attribute, MNL_TYPE_U64) < 0)
		return MNL_CB_OK;
	a->packets = be64toh(mnl_attr_get_u64(attribute));
	a->is_there = true;
	return MNL_CB_OK;
}

static int on_object_attribute(const struct nlattr *attribute, void *context)
{
	if (mnl_attr_get_type(attribute) != NFTA_OBJ_DATA ||
	    mnl_attr_validate(attribute, MNL_TYPE_NESTED) < 0)
		return MNL_CB_OK;
	return mnl_attr_parse_nested(attribute, on_attribute, context);
}

static int on_object(const struct nlmsghdr *m, void *context)
{
	return mnl_attr_parse(m, sizeof(struct nfgenmsg), on_object_attribute, context);
}

static void put_question(struct nlmsghdr *m, const char *table, const char *name)
{
	m->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETOBJ;
	m->nlmsg_flags = NLM_F_REQUEST;
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(m, sizeof(*g));
	g->nfgen_family = NFPROTO_INET;
	g->version = NFNETLINK_V0;
	mnl_attr_put_strz(m, NFTA_OBJ_TABLE, table);
	mnl_attr_put_strz(m, NFTA_OBJ_NAME, name);
	mnl_attr_put_u32(m, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
}

int nft_counter_read(const char *table, const char *name, uint64_t *ret_packets)
{
	uint8_t bytes[MESSAGE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct answer answer = {0};
	cleanup(mnl_socket) struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	struct nlmsghdr *m = mnl_nlmsg_put_header(bytes);
	put_question(m, table, name);
	if (mnl_socket_sendto(socket, m, m->nlmsg_len) < 0)
		return -errno;
	/* the kernel answers before the question returns */
	ssize_t size = mnl_socket_recvfrom(socket, bytes, sizeof(bytes));
	if (size < 0 || mnl_cb_run(bytes, (size_t)size, 0, 0, on_object, &answer) < 0)
		return -errno;
	if (!answer.is_there)
		return -ENOENT;
	*ret_packets = answer.packets;
	return OK;
}
