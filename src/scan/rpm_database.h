/* rpm_database.h - the headers of packages in the older databases of rpm: ndb, and a hash of Berkeley DB.
 *
 * What:    pure, over a byte_source. What it is, its first bytes say. Damaged places are passed over and counted.
 * Owns:    the header that a call is given is good for its length.
 * Fails:   ERR_INVALID: neither of them; ERR_MALFORMED: nothing of it can be read; ERR_LIMIT: its parts lie in each
 *          other so often that it was given up; -ENOMEM; -errno; what the callback returns when it is negative.
 * Limits:  RPM_HEADER_MAX a header; all headers together are read at most four times the size of the file.
 * Source:  rpm, lib/backend/ndb/rpmpkg.c; Berkeley DB 5.3, dbinc/db_page.h. */
#pragma once

#include "scan/byte_source.h"

enum { RPM_HEADER_MAX = 32 << 20 };

typedef int rpm_database_on(void *context, struct view header);

int rpm_database_read(const struct byte_source *b, rpm_database_on *on, void *context,
                      uint64_t *ret_damaged) must_check;
