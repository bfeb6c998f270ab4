#include "scan/egress_space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "scan/egress_inside.h"
#include "scan/proc_socket.h"

enum { SPACES_MAX = 256, PATH_ROOM = 64 };
enum { CAPABILITY_NET_ADMIN = 12, CAPABILITY_SYS_ADMIN = 21 };

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
		/* what it is permitted it may take into effect at any time */
		(void)sscanf(line, "CapPrm: %llx", &capabilities);
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

struct connections {
	const struct policy *policy;
	struct egress_facts *facts;
};

static void meet_socket(void *context, const struct proc_socket *s)
{
	const struct connections *c = context;
	bool is_open = s->state == PROC_ESTABLISHED || s->state == PROC_SYN_SENT;
	if (!is_open || !egress_is_outside(&s->remote) || c->facts->is_listed_connection)
		return;
	c->facts->connection = s->remote;
	c->facts->is_listed_connection = is_listed(c->policy, &s->remote);
}

/* False: not all of them were seen. */
static bool read_connections(const struct policy *p, pid_t pid, const struct proc_sockets *sockets,
                             struct egress_facts *f)
{
	char process[16];
	struct connections c = {p, f};
	(void)snprintf(process, sizeof(process), "%d", (int)pid);
	int code = proc_sockets_each(sockets, "/proc", process, meet_socket, &c);
	bool has_ended = code == -ENOENT || code == -ESRCH;
	return (code == OK || has_ended) && sockets->dropped == 0;
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
		egress_ask_inside(fd, s->uid, &s->facts, &s->facts.has_firewall,
		                  &s->facts.firewall);
	if (s->facts.is_own_space)
		return true;
	s->facts.has_host_old_tables = has_old_tables(getpid());
	egress_ask_inside(-1, s->uid, NULL, &s->facts.has_host_firewall, &s->facts.host);
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

/* Whether it runs, and is somebody else's. */
static bool is_forbidden(pid_t pid)
{
	char path[PATH_ROOM];
	struct stat st;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return stat(path, &st) < 0 && (errno == EACCES || errno == EPERM);
}

int egress_look(const struct egress_asked *asked, const struct egress_target *target,
                struct egress_result *result)
{
	size_t count = 0, hidden = 0, forbidden = 0;
	struct egress_filters filters;
	cleanup(free) struct space *spaces = calloc(SPACES_MAX, sizeof(*spaces));
	if (!spaces)
		return -ENOMEM;
	egress_filters_of(target->processes, target->count, &filters);
	for (size_t i = 0; i < target->count; i++) {
		struct space *s = space_of(target->processes[i], spaces, &count);
		hidden += !s || !read_connections(asked->policy, target->processes[i], &s->sockets,
		                                  &s->facts);
		forbidden += !s && is_forbidden(target->processes[i]);
	}
	if (count + forbidden == 0)
		return ERR_MISSING;
	for (size_t i = 0; i < count; i++) {
		add_shared(asked, &filters, &spaces[i].facts);
		egress_judge(&spaces[i].facts, result);
		if (spaces[i].facts.events.is_asked)
			result->events = spaces[i].facts.events;
		proc_sockets_done(&spaces[i].sockets);
	}
	if (hidden)
		egress_add_reason(result, "%zu of its processes could not be looked at wholly%s",
		                  hidden, forbidden ? " (root can)" : "");
	if (target->has_more)
		egress_add_reason(result, "it has more processes than are looked at");
	if ((hidden || target->has_more) && result->verdict == EGRESS_CONFINED)
		result->verdict = EGRESS_VERDICT_UNKNOWN;
	return OK;
}
