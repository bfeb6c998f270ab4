/* audit_repeated.h - says on stderr which sources of an audit are one file, and which have the same bytes. */
#pragma once

#include "audit/source_list.h"
#include "finding/findings.h"

void audit_repeated_say(const struct source_list *list);
/* Two files are two sources, and an audit leaves out neither; but a copy that was rotated counts twice. Of those that have
 * digests. */
void audit_repeated_say_equal(const struct findings *f);
