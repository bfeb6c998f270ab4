/* open_files.h - how many files the gate has open at most, and how many of those connections may be.
 *
 * What:    arithmetic. Every connection of a client is an open file of the process, and a limit of the
 *          system is for all its workers together. Some are kept for what is not a client's: without them
 *          connections, which are idle mostly, would end all questions to other servers.
 * Threads: any. */
#pragma once

#include "gate/dns/options.h"

enum {
	OPEN_FILES_OF_GATE = 128,    /* what there is once */
	OPEN_FILES_OF_WORKER = 1024, /* sockets to other servers, those it listens on, its loop */
};

/* The connections that the options allow a worker. */
uint64_t open_files_allowed(const struct dns_options *o);
/* What the gate may have open with all of them. */
uint64_t open_files_wanted(const struct dns_options *o, unsigned workers);
/* The connections of a worker, all transports together, where `files` may be open: at least half of what
 * there is goes to connections. */
uint32_t open_files_connections(uint64_t files, unsigned workers);
