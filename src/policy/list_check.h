/* list_check.h - whether what a server sent can be the list that was asked for.
 *
 * What:    pure, over hostile bytes. Servers send web pages for lists that moved, empty bodies, and lists
 *          of which half is missing, all with status 200: a list that passes here is put in force, one
 *          that is much shorter than before waits for the administrator, everything else is refused.
 * To add a reason: a constant here, its sentence in list_check.c. */
#pragma once

#include "policy/name_list.h"

enum list_finding {
	LIST_GOOD,
	LIST_SHRUNK, /* under half of the names that it had: only the administrator can tell */
	LIST_EMPTY,
	LIST_MARKUP, /* begins as HTML and XML do, and no list does */
	LIST_NAMELESS,
	LIST_TOO_LONG, /* over LIST_NAMES_MAX names */
	LIST_FINDINGS
};
extern const char *const list_finding_texts[LIST_FINDINGS]; /* "it is a web page, not a list" */

/* A policy holds 20,000,000 names of all lists together. */
enum { LIST_NAMES_MAX = 10000000 };

/* `names_before` of 0: there is no earlier copy to compare with. */
enum list_finding list_check(struct view text, enum name_list_format format, size_t names_before,
                             struct name_list_counts *ret);
