/* link.h - the file that a link of the tree leads to, inside ROOT.
 *
 * What:    settings are often kept elsewhere and linked to where programs look for them, under names that say nothing.
 *          The way is gone step by step, and ends where the walk would not enter: no file system of the network or of
 *          another program is asked.
 * Fails:   -errno, -ELOOP after LINKS_MAX; ERR_DENIED at a file system that is not entered.
 * Threads: any. */
#pragma once

#include <limits.h>

#include "scan/root.h"

/* Writes the path in ROOT without any link. On ERR_DENIED `ret_why` says why, or is NULL where nothing is missed. */
int scan_link_resolve(const struct scan_root *root, const char *path, char ret[static PATH_MAX],
                      const char **ret_why) must_check;
