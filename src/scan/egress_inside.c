/* What the kernel and nft say from inside a network namespace: a child joins it. */
#include "scan/egress_inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"

enum { RULES_MAX = 8 << 20, PATIENCE_MS = 20000 };

/* What a child in the namespace says first. */
struct answer {
	bool is_inside;
	uint8_t route4, route6; /* enum egress_known */
	uint8_t address_count;
	struct address addresses[EGRESS_ADDRESSES_MAX];
};

/* Addresses that stand for all outside: names servers that everybody knows. Nothing is sent to them. */
static const char *const outside4 = "8.8.8.8";
static const char *const outside6 = "2001:4860:4860::8888";

/* Asks the kernel which way a packet to that address would go. */
static enum egress_known route_to(const char *text)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg route;
		struct rtattr attribute;
		uint8_t address[16];
	} request = {0};
	_Alignas(struct nlmsghdr) uint8_t reply[4096];
	bool is_ip6 = strchr(text, ':') != NULL;
	size_t size = is_ip6 ? 16 : 4;
	cleanup(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || inet_pton(is_ip6 ? AF_INET6 : AF_INET, text, request.address) != 1)
		return KNOWN_NO;
	request.head.nlmsg_type = RTM_GETROUTE;
	request.head.nlmsg_flags = NLM_F_REQUEST;
	request.head.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(struct rtmsg)) + RTA_LENGTH(size));
	request.route.rtm_family = is_ip6 ? AF_INET6 : AF_INET;
	request.route.rtm_dst_len = (uint8_t)(size * 8);
	request.attribute.rta_type = RTA_DST;
	request.attribute.rta_len = (unsigned short)RTA_LENGTH(size);
	if (send(fd, &request, request.head.nlmsg_len, 0) < 0)
		return KNOWN_NO;
	ssize_t got = recv(fd, reply, sizeof(reply), 0);
	if (got < (ssize_t)sizeof(struct nlmsghdr))
		return KNOWN_NO;
	const struct nlmsghdr *head = (const struct nlmsghdr *)reply;
	if (head->nlmsg_type == NLMSG_ERROR)
		return KNOWN_NOT;
	const struct rtmsg *route = NLMSG_DATA(head);
	return route->rtm_type == RTN_UNICAST ? KNOWN_YES : KNOWN_NOT;
}

/* Those of interfaces, without the loopback's and those of a link only. */
static void list_addresses(struct answer *a)
{
	struct ifaddrs *all = NULL;
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *i = all; i && a->address_count < EGRESS_ADDRESSES_MAX;
	     i = i->ifa_next) {
		const struct sockaddr *from = i->ifa_addr;
		struct address *to = &a->addresses[a->address_count];
		if (!from || i->ifa_flags & IFF_LOOPBACK)
			continue;
		if (from->sa_family == AF_INET)
			*to = address_from_bytes(
				&((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
		else if (from->sa_family == AF_INET6)
			*to = address_from_bytes(
				&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
		else
			continue;
		bool is_of_link =
			to->size == 16 && to->bytes[0] == 0xfe && (to->bytes[1] & 0xc0) == 0x80;
		a->address_count = (uint8_t)(a->address_count + !is_of_link);
	}
	freeifaddrs(all);
}

/* In the child: joins, answers, becomes nft. */
static void be_inside(int space, int out)
{
	static const char *const arguments[] = {"nft", "-j", "-n", "list", "ruleset", NULL};
	static const char *const environment[] = {"LC_ALL=C", NULL};
	static const char *const programs[] = {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"};
	struct answer a = {0};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	a.is_inside = space < 0 || setns(space, CLONE_NEWNET) == 0;
	if (a.is_inside) {
		a.route4 = (uint8_t)route_to(outside4);
		a.route6 = (uint8_t)route_to(outside6);
		list_addresses(&a);
	}
	if (write(out, &a, sizeof(a)) != (ssize_t)sizeof(a) || !a.is_inside)
		_exit(1);
	(void)dup2(nothing, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(nothing, STDERR_FILENO);
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		execve(programs[i], (char **)(uintptr_t)arguments, (char **)(uintptr_t)environment);
	_exit(127);
}

/* All that the child writes, for as long as there is patience. */
static bool read_all(int fd, struct buffer *out)
{
	int64_t until = clock_now_us() + (int64_t)PATIENCE_MS * 1000;
	for (;;) {
		int64_t left = (until - clock_now_us()) / 1000;
		struct pollfd p = {fd, POLLIN, 0};
		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		uint8_t block[16384];
		ssize_t n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && !out->failed;
		buffer_add(out, block, (size_t)n);
	}
}

void egress_ask_inside(int space, uint32_t uid, struct egress_facts *f, bool *ret_has,
                       struct egress_firewall *ret_rules)
{
	int ends[2], status = 1;
	struct buffer said = {.size_max = RULES_MAX};
	struct answer a = {0};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid_t child = fork();
	if (child == 0)
		be_inside(space, ends[1]);
	close(ends[1]);
	bool is_whole = child > 0 && read_all(ends[0], &said);
	close(ends[0]);
	if (child > 0) {
		if (!is_whole)
			(void)kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (said.size >= sizeof(a)) {
		memcpy(&a, said.bytes, sizeof(a));
		if (f && a.is_inside) {
			f->route4 = a.route4;
			f->route6 = a.route6;
			f->address_count = a.address_count;
			memcpy(f->addresses, a.addresses, sizeof(f->addresses));
		}
		struct view json = view_skip(buffer_view(&said), sizeof(a));
		*ret_has = is_whole && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
		           egress_firewall_read(json, uid, ret_rules) == OK;
	}
	buffer_done(&said);
}
