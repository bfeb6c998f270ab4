/* sandbox.h - gives up for good what a role does not need: privileges, user, files, system calls.
 *
 * What:    no_new_privs, then Landlock, then user and capabilities, then seccomp; each makes the next one
 *          possible, or the next one would forbid it. Called once, before the first thread.
 * Fails:   -errno; the process is then in between and must end.
 * Without root the user and the bounding set cannot be changed: everything else is the same, and
 * what sandbox_enter() returns says so. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "daemon/landlock.h"

struct sandbox {
	const char *user; /* taken if the system has it */
	uid_t uid;        /* else this number, also for the group; it needs no entry anywhere */
	const struct landlock_path *paths;
	size_t path_count;
	unsigned syscalls;     /* bits of enum syscall_group */
	uint64_t capabilities; /* bits of CAP_* that it keeps, if it has them */
};

struct sandbox_result {
	bool user_changed;
	uid_t uid;
	int landlock; /* its version, 0 when the kernel has none */
};

int sandbox_enter(const struct sandbox *s, struct sandbox_result *ret) must_check;

/* The user of that name and its group; where the system has none, or `user` is NULL, the number for both. */
void sandbox_user(const char *user, uid_t uid, uid_t *ret_uid, gid_t *ret_gid);
