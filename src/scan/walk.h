/* walk.h - every folder and regular file of ROOT, once.
 *
 * What:    depth first. A link counts where it leads to a file in ROOT that settings are read of, and
 *          that is not read where it lies (scan/link.h). File systems that have no stored files (proc, sysfs ...) are not entered; nor
 *          are those of the network, of other programs and of what a container sees of layers that lie in the tree
 *          anyway, and each of these is told.
 *          A folder that is one of those it lies in (a mount of itself) is told and not entered.
 * Limits:  SCAN_DEPTH_MAX, entries_max, PATH_MAX: what is beyond is told as unread. */
#pragma once

#include "scan/scan.h"

void scan_walk(struct scan *s);
/* Whether the file system of that open folder is entered; else `ret_why` says why not, or is NULL: nothing is missed. */
bool scan_walk_enters(int fd, const char **ret_why);
