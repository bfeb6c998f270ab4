/* archive_member.h - one small file out of a ZIP archive: a jar, an extension of a browser.
 *
 * What:    libarchive, opened when there is one to read (net/library.h). Archives within archives are not opened.
 * Fails:   ERR_MISSING: it is no such archive, or has no such member; ERR_LIMIT: the member, or the number of members, is
 *          over its limit; ERR_DENIED: there is no libarchive on this machine.
 * Limits:  ARCHIVE_MEMBER_SIZE_MAX bytes unpacked, ARCHIVE_MEMBERS_MAX members looked at. */
#pragma once

#include "base/buffer.h"
#include "base/err.h"

enum { ARCHIVE_MEMBER_SIZE_MAX = 1 << 20, ARCHIVE_MEMBERS_MAX = 20000 };

/* Appends the member of that name, or a part of it when it fails. The descriptor stays open. It makes room once, so that
 * growing leaves no copies. */
int archive_member_read(int fd, const char *name, struct buffer *ret) must_check;
/* Wipes and frees it. */
void archive_member_done(struct buffer *b);
