/* run.h - `writ run`: from the settings file to a running instance, and its exit status.
 *
 * Every way in which it cannot start is one sentence on standard error and one row of exit_statuses[].
 * Needs:   sodium_init() called by the program. */
#pragma once

#include <stddef.h>

#include "base/endpoint.h"

struct daemon_setup {
	const char *settings;          /* path of writ.yaml */
	const struct endpoint *listen; /* instead of dns.listen; none: as the settings say */
	size_t listen_count;
};

/* Returns when the instance has stopped; the result is the exit status. */
int daemon_run(const struct daemon_setup *setup);

/* For main(): when the arguments are `run --role NAME`, which only the parent says, becomes that role
 * and returns its exit status; else -1. */
int daemon_role_main(int argc, char **argv);
