/* collected_spdx.h - what a reference of a package of SPDX tells. */
#pragma once

#include "scan/collected_record.h"

/* What is no package URL tells nothing. `is_name` becomes true where it calls the package by its own name: the package need
 * not be told besides. */
int collected_spdx_reference(struct collected_out *out, struct view purl, struct view name,
                             bool *is_name) must_check;
