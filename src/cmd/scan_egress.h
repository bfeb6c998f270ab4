/* scan_egress.h - writ scan --egress: whether a program, container or unit can reach the vendor. */
#pragma once

#include "cmd/args.h"
#include "policy/policy.h"

#define SCAN_EGRESS_OPTIONS                                                                                  \
	{                                                                                                    \
		"--egress", "TARGET",                                                                        \
			"Say whether a process (by its number), a container or a unit can reach the vendor." \
	}

/* Prints the verdict and its reasons; with --record it becomes an entry of the evidence log. Returns the exit status:
 * 0 confined, 1 not confined, 12 unknown. */
int scan_egress(const struct args *a, const struct policy *policy);
