/* python_name.h - the name of a Python package as registries compare it.
 *
 * Lower case, runs of `-`, `_` and `.` are one `-`. Source: PyPA specifications, "Names and normalization". */
#pragma once

#include "base/view.h"

enum { PYTHON_NAME_MAX = 128 };

/* Of the begin of `text`, as far as it is a name. Returns the size; 0 for none, or one that is too long. */
size_t python_name_read(struct view text, char ret[static PYTHON_NAME_MAX]);
