/* unique.h - finds an item that a list of scalars holds twice. */
#pragma once

#include "config/schema.h"

/* OK, ERR_EXISTS with the number of the later of two that print alike, or -ENOMEM. Sorts, so that a
 * long list costs n log n. */
int unique_check(const struct schema_field *list, const struct schema_list *items,
                 size_t *ret_index) must_check;
