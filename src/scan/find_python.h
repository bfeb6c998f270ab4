/* find_python.h - what the finders of Python have in common. */
#pragma once

#include "scan/scan.h"

/* A package by the begin of `text`, as far as it is a name. */
void find_python_put(struct scan *s, const struct scan_file *f, struct view text,
                     struct view version);
