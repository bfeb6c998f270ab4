/* role.h - the processes that `writ run` is made of, and what each may do.
 *
 * roles[] is the table: from it come the processes, their users, their sandboxes, `writ status`.
 * A role is this program again (`writ run --role NAME`) with a socket to the parent as descriptor
 * ROLE_PARENT_FD. It hears its setup (protocol.h), gives up what it does not need, says that it is
 * ready, and works until it is told to stop or the parent is gone.
 * To add a role: a constant here, a row in role.c, a file with its main function. */
#pragma once

#include "daemon/exit_status.h"
#include "daemon/landlock.h"
#include "daemon/sandbox.h"

enum role_id { ROLE_RECORD, ROLE_DNS, ROLE_PACKET, ROLE_FETCH, ROLE_METRICS, ROLES };

enum {
	ROLE_PARENT_FD = 3, /* messages */
	ROLE_LOCK_FD =
		4, /* holds the run directory's lock while any process of an instance lives */
};

enum { ROLE_PATHS_MAX = 16 };

struct role_row {
	const char *name;
	const char *what; /* for people */
	const char *user; /* and this number where the system has no such user */
	uid_t uid;
	bool is_optional;      /* the instance is ready, and goes on, without it */
	bool is_prompt;        /* somebody waits for each thing that it does: prompt.h */
	unsigned syscalls;     /* bits of enum syscall_group */
	uint64_t capabilities; /* bits of CAP_*: all others are given up */
	struct landlock_path
		paths[ROLE_PATHS_MAX]; /* ends with NULL; the role adds those of its settings */
	enum exit_status (*main)(int parent);
};

/* In the order of starting: who writes things down is there first, and ends last. */
extern const struct role_row roles[ROLES];

/* NULL when there is none. */
const struct role_row *role_find(const char *name);

/* The user and group that the role runs as, where root starts it. */
void role_user(const struct role_row *row, uid_t *ret_uid, gid_t *ret_gid);
/* Makes the folder, where it is not there, and as root gives it to the role's user, who alone writes there. -errno. */
int role_make_folder(const struct role_row *row, const char *path, mode_t mode) must_check;

/* The users that the roles become, each once; returns how many. None where nobody but the present one can be: it
 * may be anybody's. */
size_t role_users(uint32_t users[static ROLES]);

/* Enters the sandbox of the row; `more` are paths that the settings name, up to one whose path is NULL. Logs
 * what it found. */
int role_confine(const struct role_row *row, const struct landlock_path *more) must_check;
