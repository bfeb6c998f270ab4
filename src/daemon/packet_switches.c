#include "daemon/packet_switches.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "daemon/log_line.h"

static bool wants_accounting(const struct packet_options *options)
{
	return options->accounting;
}

static bool is_bridge(int fd, const char *name)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq r = {.ifr_data = (char *)&driver};
	memcpy(r.ifr_name, name, strnlen(name, IF_NAMESIZE - 1));
	return ioctl(fd, SIOCETHTOOL, &r) == 0 && strcmp(driver.driver, "bridge") == 0;
}

static bool wants_bridges(const struct packet_options *options)
{
	cleanup(fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct schema_list *names = &options->interfaces;
	for (size_t i = 0; fd >= 0 && i < names->count; i++) {
		if (is_bridge(fd, ((char *const *)names->items)[i]))
			return options->mode == PACKET_ROUTED;
	}
	return false;
}

static const struct packet_switch {
	const char *name, *path;
	bool (*is_wanted)(const struct packet_options *options);
	bool is_needed;
	const char *hint;
} packet_switches[] = {
	{"net.netfilter.nf_conntrack_acct", "/proc/sys/net/netfilter/nf_conntrack_acct",
         wants_accounting, false, "how much went by is not known"},
	{"net.netfilter.nf_conntrack_timestamp", "/proc/sys/net/netfilter/nf_conntrack_timestamp",
         wants_accounting, false, "how long flows lasted is not known"},
	{"net.bridge.bridge-nf-call-iptables", "/proc/sys/net/bridge/bridge-nf-call-iptables",
         wants_bridges, true, "the kernel's module br_netfilter makes it: modprobe br_netfilter"},
	{"net.bridge.bridge-nf-call-ip6tables", "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
         wants_bridges, true, "the kernel's module br_netfilter makes it: modprobe br_netfilter"},
};
#define SWITCHES (sizeof(packet_switches) / sizeof(packet_switches[0]))

/* Returns what it was, '0' or '1', or -errno. */
static int set(const struct packet_switch *s, char value)
{
	char old = '\0';
	cleanup(fd) int in = open(s->path, O_RDONLY | O_CLOEXEC);
	if (in < 0 || read(in, &old, 1) != 1)
		return in < 0 ? -errno : -EIO;
	if (old == value)
		return old;
	cleanup(fd) int out = open(s->path, O_WRONLY | O_CLOEXEC);
	if (out < 0 || write(out, &value, 1) != 1)
		return -errno;
	return old;
}

int packet_switches_set(struct packet_rules *r, char why[static PACKET_RULES_WHY_SIZE])
{
	for (size_t i = 0; i < SWITCHES; i++) {
		const struct packet_switch *s = &packet_switches[i];
		if (!s->is_wanted(r->options))
			continue;
		int old = set(s, '1');
		if (old < 0 && s->is_needed) {
			(void)snprintf(why, PACKET_RULES_WHY_SIZE, "cannot set %s to 1: %s (%s)",
			               s->name, err_text(old), s->hint);
			return old;
		}
		if (old < 0)
			log_line(LOG_LEVEL_WARNING, "cannot set %s to 1: %s: %s", s->name,
			         err_text(old), s->hint);
		if (old == '0') {
			r->switched |= 1U << i;
			log_line(LOG_LEVEL_NOTICE, "%s is 1 now, until the gate stops", s->name);
		}
	}
	return OK;
}

void packet_switches_restore(const struct packet_rules *r)
{
	for (size_t i = 0; i < SWITCHES; i++) {
		if (!(r->switched & 1U << i))
			continue;
		int old = set(&packet_switches[i], '0');
		if (old < 0)
			log_line(LOG_LEVEL_WARNING, "cannot set %s back to 0: %s",
			         packet_switches[i].name, err_text(old));
	}
}
