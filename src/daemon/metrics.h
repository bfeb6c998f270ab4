/* metrics.h - all that an instance counts, as text for Prometheus.
 *
 * What:    written by the parent, out of the counters that it shares with its roles. Names and help come
 *          from the rows of the counters; labels are identifiers of the catalogue and of this program, never
 *          a client or a name that was asked for. */
#pragma once

#include "base/buffer.h"

struct parent;

void metrics_write(const struct parent *p, struct buffer *out);
