/* collected_spdx.h - what a reference of a package of SPDX tells. */
#pragma once

#include "scan/collected_record.h"

/* Whether the type of a reference says that its locator is a package URL; as a word or an address. */
bool collected_spdx_is_purl(struct view type);
/* Whether it is a package URL. One that is none and ought to be one, as `is_purl` says or its begin, is counted; nothing is no
 * locator. */
bool collected_spdx_check(struct collected_out *out, bool is_purl, struct view locator);
/* What is no package URL tells nothing. `is_name` becomes true where it calls the package by its own name: the package need
 * not be told besides. */
int collected_spdx_reference(struct collected_out *out, struct view purl, struct view name,
                             bool *is_name) must_check;
