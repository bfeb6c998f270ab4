/* What the kernel and nft say from inside a network namespace: a child joins it. */
#include "scan/egress_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
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
#include "scan/egress_route.h"

enum { RULES_MAX = 8 << 20, PATIENCE_MS = 20000 };

/* What a child in the namespace says first. */
struct answer {
	bool is_inside;
	struct egress_known_route route4, route6;
	uint8_t address_count;
	struct address addresses[EGRESS_ADDRESSES_MAX];
};

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
static void be_inside(int space, uint32_t uid, int out)
{
	static const char *const arguments[] = {"nft", "-j", "-n", "list", "ruleset", NULL};
	static const char *const environment[] = {"LC_ALL=C", NULL};
	static const char *const programs[] = {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"};
	struct answer a = {0};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	a.is_inside = space < 0 || setns(space, CLONE_NEWNET) == 0;
	if (a.is_inside) {
		egress_route_ask(AF_INET, uid, &a.route4);
		egress_route_ask(AF_INET6, uid, &a.route6);
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
		be_inside(space, uid, ends[1]);
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
