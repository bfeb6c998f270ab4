#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void problems_done(struct problems *p)
{
	for (struct problem *at = p->first, *next; at; at = next) {
		next = at->next;
		free(at);
	}
	*p = (struct problems){0};
}

void problem_add(struct problems *p, const char *file, unsigned line, unsigned column,
                 const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size_t file_size = strlen(file) + 1, text_size = strlen(text) + 1;
	struct problem *at = NULL;
	if (p->count++ - p->dropped < PROBLEMS_MAX)
		at = malloc(sizeof(*at) + file_size + text_size);
	if (!at) {
		p->dropped++;
		return;
	}
	char *copy = (char *)(at + 1);
	*at = (struct problem){.file = copy, .line = line, .column = column};
	memcpy(copy, file, file_size);
	at->text = memcpy(copy + file_size, text, text_size);
	if (p->last)
		p->last->next = at;
	else
		p->first = at;
	p->last = at;
}
