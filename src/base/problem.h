/* problem.h - what is wrong in something that a person wrote, and where.
 *
 * A code is not enough for people: every reader of a user's file adds problems to one list and goes
 * on, so that all of them are shown in one go as `file:line:column: what, what was expected`. */
#pragma once

#include <stddef.h>

struct problem {
	const char *file;      /* as the user named it; borrowed from the list */
	unsigned line, column; /* from 1; 0 when the problem is of the whole file */
	const char *text;      /* "what, what was expected"; borrowed from the list */
	struct problem *next;
};

struct problems {
	struct problem *first, *last;
	size_t count;   /* all that were added */
	size_t dropped; /* of these, how many were not kept: over PROBLEMS_MAX, or no memory */
};

enum { PROBLEMS_MAX = 1000 };

void problems_done(struct problems *p);
void problem_add(struct problems *p, const char *file, unsigned line, unsigned column,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
