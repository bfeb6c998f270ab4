#include "scan/egress_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { REPLY_SIZE = 64 * 1024, ASKS_MAX = 3, LOOPBACK = 1, PICKS_MAX = 3 };
enum destination { GOES_NOWHERE, GOES_HERE, GOES_OUT };

/* A question, with room for the attributes that it may have. */
struct request {
	struct nlmsghdr head;
	struct rtmsg route;
	uint8_t attributes[RTA_SPACE(16) + RTA_SPACE(4)];
};

/* What a list of routes is read for. */
struct listing {
	int family;
	uint32_t uid;
	unsigned asked;
	struct egress_known_route route;
};

static enum address_family family_of(int family)
{
	return family == AF_INET6 ? ADDRESS_V6 : ADDRESS_V4;
}

static uint32_t number_of(const struct rtattr *a)
{
	uint32_t n = 0;
	if (RTA_PAYLOAD(a) >= sizeof(n))
		memcpy(&n, RTA_DATA(a), sizeof(n));
	return n;
}

static void read_attribute(const struct rtattr *a, struct egress_route *r)
{
	switch (a->rta_type) {
	case RTA_DST:
		if (RTA_PAYLOAD(a) <= sizeof(r->to.bytes))
			memcpy(r->to.bytes, RTA_DATA(a), RTA_PAYLOAD(a));
		break;
	case RTA_GATEWAY: r->gateway = address_from_bytes(RTA_DATA(a), RTA_PAYLOAD(a)); break;
	case RTA_OIF: r->interface = number_of(a); break;
	case RTA_TABLE: r->table = number_of(a); break;
	default: break;
	}
}

bool egress_route_read(struct view message, int family, struct egress_route *ret)
{
	struct rtmsg head;
	struct rtattr attribute;
	if (message.size < sizeof(head))
		return false;
	memcpy(&head, message.bytes, sizeof(head));
	if (head.rtm_family != family || head.rtm_type != RTN_UNICAST)
		return false;
	struct egress_route r = {
		.to = {.bits = head.rtm_dst_len, .family = (uint8_t)family_of(family)},
		.table = head.rtm_table};
	struct view rest = view_skip(message, NLMSG_ALIGN(sizeof(head)));
	while (rest.size >= sizeof(attribute)) {
		memcpy(&attribute, rest.bytes, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > rest.size)
			break;
		read_attribute((const struct rtattr *)(const void *)rest.bytes, &r);
		rest = view_skip(rest, RTA_ALIGN(attribute.rta_len));
	}
	/* what the loopback is given comes back */
	if (r.interface == LOOPBACK)
		return false;
	*ret = r;
	return true;
}

static void add_attribute(struct request *q, unsigned short type, const void *bytes, size_t size)
{
	struct rtattr *a = (struct rtattr *)(void *)((uint8_t *)q + NLMSG_ALIGN(q->head.nlmsg_len));
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(a), bytes, size);
	q->head.nlmsg_len = NLMSG_ALIGN(q->head.nlmsg_len) + (uint32_t)RTA_SPACE(size);
}

static struct request request_of(int family, unsigned flags)
{
	return (struct request){.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
	                                 .nlmsg_type = RTM_GETROUTE,
	                                 .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
	                        .route = {.rtm_family = (unsigned char)family}};
}

static int open_kernel(const struct request *q)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (send(fd, q, q->head.nlmsg_len, 0) < 0) {
		int code = -errno;
		close(fd);
		return code;
	}
	return fd;
}

/* Where a packet of that user to that address would go: out, to this machine itself, or nowhere. */
static enum destination ask_kernel(int family, uint32_t uid, const struct address *to)
{
	_Alignas(struct nlmsghdr) uint8_t reply[4096];
	struct request q = request_of(family, 0);
	struct egress_route route;
	add_attribute(&q, RTA_DST, to->bytes, to->size);
	add_attribute(&q, RTA_UID, &uid, sizeof(uid));
	q.route.rtm_dst_len = (unsigned char)(to->size * 8);
	cleanup(fd) int fd = open_kernel(&q);
	ssize_t got = fd < 0 ? -1 : recv(fd, reply, sizeof(reply), 0);
	const struct nlmsghdr *head = (const struct nlmsghdr *)reply;
	if (got < 0 || !NLMSG_OK(head, (size_t)got) || head->nlmsg_type != RTM_NEWROUTE ||
	    head->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg)))
		return GOES_NOWHERE;
	if (((const struct rtmsg *)NLMSG_DATA(head))->rtm_type == RTN_LOCAL)
		return GOES_HERE;
	struct view message = view_of(NLMSG_DATA(head), head->nlmsg_len - NLMSG_HDRLEN);
	return egress_route_read(message, family, &route) ? GOES_OUT : GOES_NOWHERE;
}

/* Some address of the block: with `which` of 0 one that stands for all that only a default route leads to. */
static struct address pick(const struct prefix *p, unsigned which)
{
	/* servers of names that everybody knows */
	static const uint8_t known4[16] = {8, 8, 8, 8};
	static const uint8_t known6[16] = {0x20, 0x01, 0x48, 0x60, 0x48, 0x60, [14] = 0x88, 0x88};
	const uint8_t *known = p->family == ADDRESS_V6 ? known6 : known4;
	size_t size = p->family == ADDRESS_V6 ? 16 : 4, bits = size * 8;
	struct address a = address_from_bytes(p->bytes, size);
	if (which == 0 && prefix_contains(p, known, p->family))
		return address_from_bytes(known, size);
	for (size_t bit = p->bits; which == PICKS_MAX - 1 && bit + 1 < bits; bit++)
		a.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	/* the first and the last of a block of IPv4 are nobody's */
	if (p->bits + 1U < bits && which < PICKS_MAX - 1)
		a.bytes[size - 1] |= (uint8_t)(which + 1);
	return a;
}

/* Several are asked for, as one may be this machine's own, or one to which another route leads. */
static enum destination follow(const struct listing *l, const struct prefix *p)
{
	enum destination best = GOES_NOWHERE;
	for (unsigned i = 0; i < PICKS_MAX && best != GOES_OUT; i++) {
		struct address to = pick(p, i);
		enum destination own =
			egress_is_outside(&to) ? ask_kernel(l->family, l->uid, &to) : GOES_NOWHERE;
		best = own > best ? own : best;
	}
	return best;
}

/* "198.18.9.0/24 via 10.0.0.1 dev eth0 table 100", as ip(8) has it. */
static void say_route(const struct egress_route *r, char ret[static EGRESS_ROUTE_SIZE])
{
	char to[PREFIX_TEXT_SIZE], by[ADDRESS_TEXT_SIZE], name[IF_NAMESIZE];
	char gateway[ADDRESS_TEXT_SIZE + 8] = "", device[IF_NAMESIZE + 8] = "", table[24] = "";
	if (r->gateway.size)
		(void)snprintf(gateway, sizeof(gateway), " via %s", address_print(&r->gateway, by));
	if (r->interface && if_indextoname(r->interface, name))
		(void)snprintf(device, sizeof(device), " dev %s", name);
	if (r->table != RT_TABLE_MAIN)
		(void)snprintf(table, sizeof(table), " table %u", r->table);
	(void)snprintf(ret, EGRESS_ROUTE_SIZE, "%s%s%s%s",
	               r->to.bits ? prefix_print(&r->to, to) : "default", gateway, device, table);
}

static void meet_route(struct listing *l, const struct egress_route *r)
{
	if (l->route.is_there == KNOWN_YES || !egress_is_block_outside(&r->to))
		return;
	enum destination d = l->asked++ < EGRESS_ROUTES_ASKED ? follow(l, &r->to) : GOES_NOWHERE;
	/* an address of IPv6 of its own has a route, too */
	if (d == GOES_HERE && r->to.bits == (l->family == AF_INET6 ? 128 : 32))
		return;
	if (d == GOES_OUT || !l->route.text[0])
		say_route(r, l->route.text);
	l->route.is_there = d == GOES_OUT ? KNOWN_YES : KNOWN_NO;
}

/* Those of one reply; `*ret_goes_on` is false behind the last. */
static int read_reply(struct listing *l, const uint8_t *reply, size_t size, bool *ret_goes_on)
{
	struct egress_route route;
	const struct nlmsghdr *head = (const struct nlmsghdr *)(const void *)reply;
	for (; NLMSG_OK(head, size); head = NLMSG_NEXT(head, size)) {
		const struct nlmsgerr *error = NLMSG_DATA(head);
		if (head->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		if (head->nlmsg_type == NLMSG_ERROR)
			return error->error < 0 ? error->error : -EPROTO;
		if (head->nlmsg_type == NLMSG_DONE) {
			int code = 0;
			if (head->nlmsg_len >= NLMSG_LENGTH(sizeof(code)))
				memcpy(&code, NLMSG_DATA(head), sizeof(code));
			*ret_goes_on = false;
			return code < 0 ? code : OK;
		}
		if (egress_route_read(view_of(NLMSG_DATA(head), head->nlmsg_len - NLMSG_HDRLEN),
		                      l->family, &route))
			meet_route(l, &route);
	}
	return OK;
}

/* All routes, or those before the first that the kernel takes. */
static int list_routes(struct listing *l)
{
	struct request q = request_of(l->family, NLM_F_DUMP);
	bool goes_on = true;
	int code = OK;
	cleanup(free) uint8_t *reply = malloc(REPLY_SIZE);
	cleanup(fd) int fd = reply ? open_kernel(&q) : -ENOMEM;
	if (fd < 0)
		return fd;
	while (code == OK && goes_on && l->route.is_there != KNOWN_YES) {
		ssize_t size = recv(fd, reply, REPLY_SIZE, MSG_TRUNC);
		if (size < 0 && errno != EINTR)
			code = -errno;
		else if (size > REPLY_SIZE || size == 0)
			code = -EPROTO;
		else if (size > 0)
			code = read_reply(l, reply, (size_t)size, &goes_on);
	}
	return code;
}

void egress_route_ask(int family, uint32_t uid, struct egress_known_route *ret)
{
	struct listing l;
	int code = -EAGAIN;
	/* a list that changes while it is read is read again */
	for (int i = 0; code == -EAGAIN && i < ASKS_MAX; i++) {
		l = (struct listing){
			.family = family, .uid = uid, .route = {.is_there = KNOWN_NOT}};
		code = list_routes(&l);
	}
	/* a kernel that has no such family has no routes of it */
	if (code < 0 && code != -EAFNOSUPPORT && l.route.is_there == KNOWN_NOT)
		l.route.is_there = KNOWN_NO;
	*ret = l.route;
}
