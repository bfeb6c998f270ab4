/* find_archive.h - a finder's way into an archive. */
#pragma once

#include "base/buffer.h"
#include "scan/scan.h"

/* Whether that member was read; what could not be is told. The caller wipes and frees `ret`. */
bool find_archive_member(struct scan *s, struct scan_file *f, const char *member,
                         struct buffer *ret);
