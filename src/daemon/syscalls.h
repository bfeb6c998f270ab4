/* syscalls.h - which system calls a role may make: lists of names, each with one purpose.
 *
 * A role's list is a few of these groups (roles[] in role.c). A call that is on none of them ends the
 * process at once, but for those that libraries try and do without: they seem absent (ENOSYS). A name
 * that the system's libseccomp does not know is skipped: a kernel of that age lacks the call too.
 * Under a sanitizer SYSCALLS_SANITIZER is added to every role, for its reports and its look at itself.
 * To let a role do something new: find the call by `strace -f`, add its name to the fitting group. */
#pragma once

#include "base/err.h"

enum syscall_group {
	SYSCALLS_PROCESS,   /* memory, threads, time, signals, ending */
	SYSCALLS_FILES,     /* reading files that Landlock leaves visible */
	SYSCALLS_STORE,     /* writing, locking and renaming them */
	SYSCALLS_MESSAGES,  /* the socket pair to the parent, and memory to send by it */
	SYSCALLS_TRANSFER,  /* datagrams by sockets that are open */
	SYSCALLS_NETWORK,   /* sockets of its own */
	SYSCALLS_SANITIZER, /* only in builds under a sanitizer */
	SYSCALLS_COUNT
};

/* `groups` are bits of enum syscall_group. Fails with -errno; then nothing is restricted. */
int syscalls_restrict(unsigned groups) must_check;
