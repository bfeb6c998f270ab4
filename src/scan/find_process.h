/* find_process.h - what runs: programs, their command lines and environments, the models that they have loaded, and
 * their connections.
 *
 * Only where ROOT is this machine's own. Values of variables are looked at and never shown, but for hosts and model ids
 * that the policy lists; all that was read is wiped.
 * Limits:  FIND_PROCESS_MAX processes, FIND_PROCESS_TEXT_MAX bytes of a command line or an environment, sockets as in
 *          proc_socket.h. Processes of other people are seen in part, unless root asks: the coverage says so. */
#pragma once

#include "scan/scan.h"

enum { FIND_PROCESS_MAX = 65536, FIND_PROCESS_TEXT_MAX = 256 * 1024 };

void find_process_begin(struct scan *s);
