#include "cmd/problems.h"

#include <stdio.h>

void problems_print(struct problems *p, const char *kind)
{
	for (const struct problem *at = p->first; at; at = at->next) {
		if (at->line)
			fprintf(stderr, "%s:%u:%u: %s%s\n", at->file, at->line, at->column, kind,
			        at->text);
		else
			fprintf(stderr, "%s%s%s%s\n", at->file, *at->file ? ": " : "", kind,
			        at->text);
	}
	if (p->dropped)
		fprintf(stderr, "... and %zu more\n", p->dropped);
	problems_done(p);
}
