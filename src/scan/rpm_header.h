/* rpm_header.h - name and version out of the header of an RPM, as its database holds it.
 *
 * What:    pure. Views point into the caller's bytes.
 * Fails:   ERR_MALFORMED.
 * Limits:  65535 entries, as rpm has it.
 * Source:  rpm.org, docs/manual/format_header.md: counts of entries and of bytes of data, both big-endian, then entries
 *          of tag, type, offset and count, then the data. */
#pragma once

#include "base/err.h"
#include "base/view.h"

struct rpm_header {
	struct view name, version;
};

int rpm_header_parse(struct view bytes, struct rpm_header *ret) must_check;
