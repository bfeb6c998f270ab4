/* log_names.h - a plain list of host names or addresses, one a line, as other tools put out.
 *
 * Empty lines and those that begin with `#` are items that say nothing. A name says that it was met, not by whom or
 * when.  See reader.h. */
#pragma once

#include "audit/reader.h"

int log_names_probe(struct view first);
int log_names_open(const struct audit_context *context, struct view first, void **ret) must_check;
int log_names_read(void *reader, struct view block) must_check;
int log_names_finish(void *reader) must_check;
void log_names_close(void *reader);
