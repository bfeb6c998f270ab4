/* find_process.h - what runs: programs, their command lines and environments, the models that they have loaded, and
 * their connections.
 *
 * Only where ROOT is this machine's own. Values of variables are looked at and never shown, but for hosts and model ids
 * that the policy lists; all that was read is wiped.
 * Limits:  FIND_PROCESS_MAX processes, FIND_PROCESS_TEXT_MAX bytes of a command line or an environment,
 *          FIND_PROCESS_MODELS files that one has mapped, FIND_PROCESS_SPACES network namespaces, sockets as in
 *          proc_socket.h. What is beyond, and that processes of other people are seen
 *          in part unless root asks, the coverage says. */
#pragma once

#include "scan/scan.h"

enum {
	FIND_PROCESS_MAX = 65536,
	FIND_PROCESS_TEXT_MAX = 256 * 1024,
	FIND_PROCESS_MODELS = 1024,
	FIND_PROCESS_SPACES = 256,
};

void find_process_begin(struct scan *s);
