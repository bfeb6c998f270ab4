/* coverage.h - what a reader says of items that are no sightings: that it did not understand them, when they were.
 *
 * Limits:  one example a source, of finding/example.h.
 * Threads: one a context. */
#pragma once

#include "audit/reader.h"

/* Counts it (not as an item: the reader does that) and keeps the first as example. */
void coverage_not_understood(const struct audit_context *context, struct view item);
/* Widens the span of time that the source covers. TIME_MIN does nothing. */
void coverage_time(const struct audit_context *context, int64_t at_us);
/* Adds what was counted of a part of the same source that comes after. Texts are not touched. */
void coverage_add(struct findings_source *to, const struct findings_source *part);
