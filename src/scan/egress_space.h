/* egress_space.h - the facts of a program's network: its namespace's interfaces, routes, rules and connections.
 *
 * What:    reads /proc, and asks the kernel for routes and nft for rules from inside the namespace, in a child that joins
 *          it. Sends nothing, changes nothing.
 * Fails:   ERR_MISSING: no such process; -errno. What only root may see is "not known" in the facts.
 * Limits:  EGRESS_TARGET_PROCESSES, 8 MiB of rules, 20 seconds for nft. */
#pragma once

#include <sys/types.h>

#include "policy/policy.h"
#include "scan/egress.h"

enum { EGRESS_TARGET_PROCESSES = 4096, EGRESS_PATH_SIZE = 1024 };

struct egress_target {
	pid_t processes[EGRESS_TARGET_PROCESSES];
	size_t count;
	char group[EGRESS_PATH_SIZE]; /* control group, from its root: "/system.slice/x.service" */
};

/* A number, the name of a unit ("x.service"), or what a container's control group is called by: an id of 12 letters
 * or more, the name of a machine or of a container of LXC. ERR_MISSING. */
int egress_target_find(const char *name, struct egress_target *ret) must_check;

/* Adds the facts of every namespace that the target has programs in. */
int egress_look(const struct policy *policy, const struct egress_target *target,
                enum egress_way unit_filter, uint64_t events,
                struct egress_result *result) must_check;
/* Whether the kernel has a filter for what a control group sends: of its own, or of one above it. -EPERM. */
int egress_group_has_filter(const char *group, bool *ret) must_check;
