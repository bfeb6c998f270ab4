/* policy_source.h - from the files of catalogue and organisation to a compiled policy.
 *
 * The only place that reads them. Nothing is written: the caller decides what becomes of the image. */
#pragma once

#include "base/buffer.h"
#include "policy/compile.h"
#include "source/catalogue.h"

struct policy_source {
	const char *catalogue;    /* folder; NULL: the one that was built in */
	const char *organisation; /* path of organisation.yaml; lists are beside it */
};

/* Appends the image to `ret`. ERR_INVALID with problems (all of all files), -ENOMEM, ERR_LIMIT. */
int policy_source_compile(const struct policy_source *s, struct buffer *ret,
                          struct policy_counts *ret_counts, struct problems *warnings,
                          struct problems *p) must_check;
