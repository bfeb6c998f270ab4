#include "scan/egress_space.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "scan/proc_socket.h"

enum { RULES_MAX = 8 << 20, PATIENCE_MS = 20000, SPACES_MAX = 256, PATH_ROOM = 64 };
enum { CAPABILITY_NET_ADMIN = 12, CAPABILITY_SYS_ADMIN = 21 };

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

/* `space` of -1: our own. */
static void ask_inside(int space, uint32_t uid, struct egress_facts *f, bool *ret_has,
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

static FILE *open_of(pid_t pid, const char *name)
{
	char path[PATH_ROOM];
	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* "  eth0: 1 2 3": all but lo. */
static bool read_interfaces(pid_t pid, struct egress_facts *f)
{
	char line[512];
	size_t size = 0;
	cleanup(file) FILE *file = open_of(pid, "net/dev");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		char *name = line + strspn(line, " "), *colon = strchr(name, ':');
		if (!colon || strchr(line, '|'))
			continue;
		*colon = '\0';
		if (strcmp(name, "lo") != 0 && size + strlen(name) + 2 < sizeof(f->interfaces))
			size += (size_t)snprintf(f->interfaces + size, sizeof(f->interfaces) - size,
			                         "%s%s", size ? " " : "", name);
	}
	return true;
}

static void read_status(pid_t pid, struct egress_facts *f, uint32_t *ret_uid)
{
	char line[256];
	unsigned long long capabilities = 0;
	unsigned uid = 0;
	struct stat own, theirs;
	char path[PATH_ROOM];
	cleanup(file) FILE *file = open_of(pid, "status");
	while (file && fgets(line, sizeof(line), file)) {
		(void)sscanf(line, "CapEff: %llx", &capabilities);
		(void)sscanf(line, "Uid: %*u %u", &uid);
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	bool is_of_machine = stat("/proc/self/ns/user", &own) < 0 || stat(path, &theirs) < 0 ||
	                     own.st_ino == theirs.st_ino;
	/* those of a user namespace say nothing of the namespaces outside it */
	f->may_leave |= is_of_machine && capabilities >> CAPABILITY_SYS_ADMIN & 1;
	f->may_change |= capabilities >> CAPABILITY_NET_ADMIN & 1;
	*ret_uid = uid;
}

static bool is_listed(const struct policy *p, const struct address *a)
{
	struct facts facts = {.at_us = clock_now_us(), .place = NONE, .destination = *a};
	struct verdict v;
	if (p)
		policy_decide(p, &facts, &v);
	return p && v.identifier != NONE;
}

static void meet_socket(const struct policy *p, const struct proc_socket *s, struct egress_facts *f)
{
	bool is_open = s->state == PROC_ESTABLISHED || s->state == PROC_SYN_SENT;
	if (!is_open || !egress_is_outside(&s->remote) || f->is_listed_connection)
		return;
	f->connection = s->remote;
	f->is_listed_connection = is_listed(p, &s->remote);
}

static void read_connections(const struct policy *p, pid_t pid, const struct proc_sockets *sockets,
                             struct egress_facts *f)
{
	char path[PATH_ROOM], target[PATH_ROOM];
	unsigned long long inode = 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *folder = opendir(path);
	const struct dirent *e;
	while (folder && (e = readdir(folder))) {
		ssize_t size = readlinkat(dirfd(folder), e->d_name, target, sizeof(target) - 1);
		target[size > 0 ? size : 0] = '\0';
		if (sscanf(target, "socket:[%llu]", &inode) != 1)
			continue;
		const struct proc_socket *s = proc_sockets_find(sockets, inode);
		if (s)
			meet_socket(p, s, f);
	}
	if (folder)
		closedir(folder);
}

static bool has_old_tables(pid_t pid)
{
	static const char *const names[] = {"net/ip_tables_names", "net/ip6_tables_names"};
	bool has_any = false;
	for (size_t i = 0; i < 2; i++) {
		cleanup(file) FILE *file = open_of(pid, names[i]);
		has_any |= file && fgetc(file) != EOF;
	}
	return has_any;
}

struct space {
	dev_t device;
	ino_t inode;
	uint32_t uid; /* rules may be for one user's programs */
	struct egress_facts facts;
	struct proc_sockets sockets;
};

static bool read_space(pid_t pid, struct space *s)
{
	char path[PATH_ROOM], number[16];
	struct stat own;
	if (!read_interfaces(pid, &s->facts))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	s->facts.is_own_space = stat("/proc/self/ns/net", &own) == 0 && own.st_ino == s->inode;
	s->facts.has_old_tables = has_old_tables(pid);
	(void)snprintf(number, sizeof(number), "%d", (int)pid);
	if (proc_sockets_read(&s->sockets, "/proc", number) < 0)
		return false;
	if (s->facts.interfaces[0] == '\0')
		return true;
	cleanup(fd) int fd = s->facts.is_own_space ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (s->facts.is_own_space || fd >= 0)
		ask_inside(fd, s->uid, &s->facts, &s->facts.has_firewall, &s->facts.firewall);
	if (!s->facts.is_own_space)
		ask_inside(-1, s->uid, NULL, &s->facts.has_host_firewall, &s->facts.host);
	return true;
}

/* The namespace of a process and what it may do there, read when it is met first. NULL: gone, or too many. */
static struct space *space_of(pid_t pid, struct space *spaces, size_t *count)
{
	char path[PATH_ROOM];
	struct stat st;
	struct egress_facts own = {0};
	uint32_t uid = 0;
	read_status(pid, &own, &uid);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	if (stat(path, &st) < 0 || *count == SPACES_MAX)
		return NULL;
	for (size_t i = 0; i < *count; i++) {
		if (spaces[i].inode != st.st_ino || spaces[i].device != st.st_dev ||
		    spaces[i].uid != uid)
			continue;
		spaces[i].facts.may_leave |= own.may_leave;
		spaces[i].facts.may_change |= own.may_change;
		return &spaces[i];
	}
	struct space *s = &spaces[*count];
	*s = (struct space){.device = st.st_dev, .inode = st.st_ino, .uid = uid, .facts = own};
	if (!read_space(pid, s))
		return NULL;
	++*count;
	return s;
}

/* What is known of the target as a whole belongs to each of its namespaces. */
static void add_shared(const struct egress_asked *asked, const struct egress_filters *filters,
                       struct egress_facts *f)
{
	f->unit = asked->unit;
	f->filters = *filters;
	if (asked->events && f->address_count)
		asked->events(asked->context, f->addresses, f->address_count, &f->events);
}

int egress_look(const struct egress_asked *asked, const struct egress_target *target,
                struct egress_result *result)
{
	size_t count = 0, hidden = 0;
	struct egress_filters filters;
	cleanup(free) struct space *spaces = calloc(SPACES_MAX, sizeof(*spaces));
	if (!spaces)
		return -ENOMEM;
	egress_filters_of(target->processes, target->count, &filters);
	for (size_t i = 0; i < target->count; i++) {
		struct space *s = space_of(target->processes[i], spaces, &count);
		hidden += !s;
		if (s)
			read_connections(asked->policy, target->processes[i], &s->sockets,
			                 &s->facts);
	}
	for (size_t i = 0; i < count; i++) {
		add_shared(asked, &filters, &spaces[i].facts);
		egress_judge(&spaces[i].facts, result);
		if (spaces[i].facts.events.is_asked)
			result->events = spaces[i].facts.events;
		proc_sockets_done(&spaces[i].sockets);
	}
	if (hidden) {
		egress_add_reason(result, "%zu of its processes could not be looked at", hidden);
		if (result->verdict == EGRESS_CONFINED)
			result->verdict = EGRESS_VERDICT_UNKNOWN;
	}
	return count ? OK : ERR_MISSING;
}
