/* scan_confine.h - before a scan reads what others have made it gives up the right to write anything but its results.
 *
 * A belt: nothing in a scan writes. Landlock takes the right from the whole process, for good: what is left is to read
 * anywhere, and with --record to write to the evidence folder and the run directory. Files that were opened before stay
 * as they are. A kernel without Landlock, or with its first version only, changes nothing. */
#pragma once

#include "cmd/args.h"

/* The version of Landlock in use, or 0. */
int scan_confine(const struct args *a);
