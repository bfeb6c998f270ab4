/* compile.h - from what people write to the image that every process maps.
 *
 * Pure: the caller has read the files. Whatever is wrong between the files (an order that does not
 * exist, an exemption that lacks an approval) is a problem with its place, all in one go; then there is
 * no image. Equal sources give equal bytes. */
#pragma once

#include "base/buffer.h"
#include "base/problem.h"
#include "policy/name_list.h"
#include "policy/order.h"
#include "policy/organisation.h"
#include "policy/product.h"

/* The years of which an image knows when clocks change; before and after them the first and the last offset
 * hold. */
enum { COMPILE_CLOCKS_FROM = 2000, COMPILE_CLOCKS_UNTIL = 2100 };

struct policy_sources {
	const struct product *products;
	size_t product_count;
	const struct order *orders;
	size_t order_count;
	const struct organisation *organisation;
	/* Text of each of organisation->lists, in its order. NULL bytes: it is not there yet, and its
	 * product has no name. */
	const struct view *lists;
	const char *const *list_files;        /* as problems name them */
	struct name_list_counts *list_counts; /* of each list, written here; or NULL */
	const struct view *zones; /* file of each of organisation->zones, in its order */
	size_t names_max;         /* of all lists together; 0: 20,000,000 */
};

/* What was left out, for people: a line of a list that is no name does not lose the list. */
struct policy_counts {
	size_t identifiers, names, rules, rules_live, list_names, list_problems;
};

/* Appends the image to `ret`. `warnings` gets lines of lists that cannot be used; `p` everything that
 * prevents the policy. ERR_INVALID with problems, ERR_LIMIT, -ENOMEM. */
int policy_compile(const struct policy_sources *sources, struct buffer *ret,
                   struct policy_counts *ret_counts, struct problems *warnings,
                   struct problems *p) must_check;
