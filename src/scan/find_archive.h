/* find_archive.h - a finder's way into an archive. */
#pragma once

#include "scan/archive_member.h"
#include "scan/scan.h"

/* Whether that member was read; what could not be is told. The caller ends `ret` with
 * archive_member_done(). */
bool find_archive_member(struct scan *s, struct scan_file *f, const char *member,
                         struct buffer *ret);
