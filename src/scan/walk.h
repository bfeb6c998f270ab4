/* walk.h - every folder and regular file of ROOT, once.
 *
 * What:    depth first. Links are not followed. File systems that are no stored files (proc, sysfs ...) and those of the
 *          network are not entered, nor is what a container sees of layers that lie in the tree anyway; each is told.
 *          A folder that is one of those it lies in (a mount of itself) is told and not entered.
 * Limits:  SCAN_DEPTH_MAX, entries_max, PATH_MAX: what is beyond is told as unread. */
#pragma once

#include "scan/scan.h"

void scan_walk(struct scan *s);
