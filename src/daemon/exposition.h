/* exposition.h - writes metrics in the text format of Prometheus.
 *
 *	exposition_family(out, "writ_role_up", "gauge", "1 while the role is ready.");
 *	exposition_sample(out, "writ_role_up", (struct exposition_label[]){{"role", "dns"}, {0}}, 1);
 *
 * What:    pure; the samples of a family stand together behind its head, as the format demands. Values are
 *          whole numbers, or seconds out of microseconds.
 * Source:  Prometheus "Exposition formats", text format 0.0.4. */
#pragma once

#include <stdint.h>

#include "base/buffer.h"

#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition_label {
	const char *name; /* NULL: the end */
	const char *value;
};

void exposition_family(struct buffer *out, const char *name, const char *type, const char *help);
/* NULL labels: none. */
void exposition_sample(struct buffer *out, const char *name, const struct exposition_label *labels,
                       uint64_t value);
void exposition_seconds(struct buffer *out, const char *name, const struct exposition_label *labels,
                        int64_t value_us);
