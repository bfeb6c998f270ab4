/* table.h - columns for people: widths from the content, the last column as it is. Texts may be a stranger's: what a
 * terminal would obey in a cell or a line becomes `?`. */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 16 };

struct table {
	size_t columns;
	char **cells; /* row by row, heap */
	size_t count, capacity;
};

/* `titles` is a NULL-terminated list; it becomes the first row. */
void table_init(struct table *t, const char *const *titles);
/* Appends a cell; NULL is printed as "-". Memory that is out ends the program: it only prints. */
void table_add(struct table *t, const char *text);
void table_printf(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A cell of address and port: `[2001:db8::1]:443`. */
void table_add_endpoint(struct table *t, const char *address, long long port);
/* Prints and frees. */
void table_print(struct table *t, FILE *out);
/* The same without the titles, for rows that follow what was printed before. */
void table_print_rows(struct table *t, FILE *out);
/* Frees without printing. */
void table_drop(struct table *t);

/* One line, with its end. */
void print_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints `text` wrapped at the terminal's width (80 in a pipe), each line after `indent` spaces. */
void print_wrapped(FILE *out, int indent, const char *text);
