/* query_log.h - the thread that writes told queries as lines, to a file or a Unix datagram socket.
 *
 * What:    what cannot be written is tried again every second; meanwhile the queues hold what they can, and
 *          what they could not is said in the log as the number of lines that are missing. A line is never
 *          broken between two files.
 * Owns:    its queues and its descriptor. Borrows options and counters.
 * Threads: made, given files and ended by one; works in its own. */
#pragma once

#include "daemon/drain.h"
#include "gate/dns/stats.h"
#include "gate/dns/tap_options.h"

enum { QUERY_LOG_MODE = 0640 };

/* Opens the file that the options name; -1 when it is no file. -errno. */
int query_log_open(const struct query_log_options *o, int *ret_fd) must_check;

struct query_log;

/* Takes `fd` (-1: the options name a socket), also on failure. */
int query_log_start(const struct query_log_options *o, int fd, size_t workers,
                    struct dns_stats *stats, struct query_log **ret) must_check;
struct tap_queue *query_log_queue(const struct query_log *l, size_t worker);
/* Takes the file that lines go to from here on. */
void query_log_reopen(struct query_log *l, int fd);
/* Writes what is there, if that is soon done. NULL is fine. */
void query_log_stop(struct query_log *l);
