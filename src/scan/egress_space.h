/* egress_space.h - the facts of a program's network: its namespace's interfaces, routes, rules and connections.
 *
 * What:    reads /proc, and asks the kernel for routes and nft for rules from inside the namespace, in a child that joins
 *          it. Sends nothing, changes nothing.
 * Fails:   ERR_MISSING: no such process; -errno. What only root may see is "not known" in the facts.
 * Limits:  EGRESS_TARGET_PROCESSES, EGRESS_ADDRESSES_MAX, 8 MiB of rules, 20 seconds for nft. */
#pragma once

#include <sys/types.h>

#include "policy/policy.h"
#include "scan/egress.h"

enum { EGRESS_TARGET_PROCESSES = 4096, EGRESS_PATH_SIZE = 1024 };

struct egress_target {
	pid_t processes[EGRESS_TARGET_PROCESSES];
	size_t count;
	bool has_more; /* processes than there is room for, or groups than are looked into */
	char group[EGRESS_PATH_SIZE]; /* control group, from its root: "/system.slice/x.service" */
};

/* A number, the name of a unit ("x.service"), or what a container's control group is called by: an id of 12 letters
 * or more, the name of a machine or of a container of LXC. ERR_MISSING. */
int egress_target_find(const char *name, struct egress_target *ret) must_check;

/* What gates met of these addresses. */
typedef void egress_events_of(void *context, const struct address *addresses, size_t count,
                              struct egress_events *ret);

struct egress_asked {
	const struct policy *policy;
	struct egress_unit unit;
	egress_events_of *events; /* NULL: not asked */
	void *context;
};

/* Adds the facts of every namespace that the target has programs in. */
int egress_look(const struct egress_asked *asked, const struct egress_target *target,
                struct egress_result *result) must_check;
/* "/system.slice/x.service"; empty where it has none. False where it is not sure from the root, as one that lies in
 * another namespace of control groups. */
bool egress_group_of(pid_t pid, char ret[static EGRESS_PATH_SIZE]);
/* The filters that all of these processes are under. */
void egress_filters_of(const pid_t *processes, size_t count, struct egress_filters *ret);
