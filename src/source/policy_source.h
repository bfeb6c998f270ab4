/* policy_source.h - from the files of catalogue and organisation to a compiled policy.
 *
 * The only place that reads them. Nothing is written: the caller decides what becomes of the image. */
#pragma once

#include "base/buffer.h"
#include "policy/compile.h"
#include "source/catalogue.h"
#include "source/list_set.h"

struct policy_source {
	const char *catalogue;               /* folder; NULL: the one that was built in */
	const char *organisation;            /* path of organisation.yaml; lists are beside it */
	const char *lists;                   /* folder of fetched lists (list_store.h), or NULL */
	bool take_offers;                    /* try newer copies of them */
	const struct list_set *lists_before; /* to tell which lists changed; or NULL */
};

struct policy_result {
	struct buffer image;
	struct policy_counts counts;
	struct list_set lists;
};

/* ERR_INVALID with problems (all of all files), -ENOMEM, ERR_LIMIT. */
int policy_source_compile(const struct policy_source *s, struct policy_result *ret,
                          struct problems *warnings, struct problems *p) must_check;
void policy_result_done(struct policy_result *r);
