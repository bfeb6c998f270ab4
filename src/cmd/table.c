#include "cmd/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { WIDTH_DEFAULT = 80, WIDTH_MAX = 110, GAP = 2 };

static void *must(void *memory)
{
	if (!memory) {
		fputs("writ: no memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

/* Columns on a terminal: one for most characters, two for East Asian wide ones. */
static int width_of(const char *text, size_t size)
{
	int width = 0;
	mbstate_t state = {0};
	while (size) {
		wchar_t c;
		size_t used = mbrtowc(&c, text, size, &state);
		if (used == 0 || used > size) {
			used = 1;
			memset(&state, 0, sizeof(state));
			width++;
		} else {
			int w = wcwidth(c);
			width += w > 0 ? w : 0;
		}
		text += used;
		size -= used;
	}
	return width;
}

void table_init(struct table *t, const char *const *titles)
{
	*t = (struct table){0};
	while (titles[t->columns])
		t->columns++;
	for (size_t i = 0; i < t->columns; i++)
		table_add(t, titles[i]);
	assert(t->columns <= TABLE_COLUMNS_MAX);
}

/* U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069 turn the direction of what follows, or begin a line. */
static bool is_direction(uint8_t first, uint8_t second, uint8_t third)
{
	if (first != 0xe2)
		return false;
	return (second == 0x80 &&
	        ((third >= 0x8e && third <= 0x8f) || (third >= 0xa8 && third <= 0xae))) ||
	       (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

/* What a terminal would obey becomes `?`: control characters of ASCII, those of ISO 6429 as UTF-8 has them, and what
 * shows a line in another order than it has. */
static char *make_harmless(char *text)
{
	for (char *c = text; *c; c++) {
		uint8_t is = (uint8_t)c[0], next = (uint8_t)c[1];
		if (is < ' ' || is == 0x7f)
			*c = '?';
		else if (is == 0xc2 && next >= 0x80 && next < 0xa0)
			c[0] = c[1] = '?';
		else if (next && is_direction(is, next, (uint8_t)c[2]))
			c[0] = c[1] = c[2] = '?';
	}
	return text;
}

void table_add(struct table *t, const char *text)
{
	if (t->count == t->capacity) {
		t->capacity = t->capacity ? t->capacity * 2 : 64;
		t->cells = must(realloc(t->cells, t->capacity * sizeof(*t->cells)));
	}
	t->cells[t->count++] = make_harmless(must(strdup(text && *text ? text : "-")));
}

void table_printf(struct table *t, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int size = vasprintf(&text, format, args);
	va_end(args);
	table_add(t, size < 0 ? NULL : text);
	if (size >= 0)
		free(text);
}

void table_add_endpoint(struct table *t, const char *address, long long port)
{
	bool is_ip6 = strchr(address, ':');
	table_printf(t, "%s%s%s:%lld", is_ip6 ? "[" : "", address, is_ip6 ? "]" : "", port);
}

void print_line(FILE *out, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int size = vasprintf(&text, format, args);
	va_end(args);
	if (size < 0)
		return;
	fprintf(out, "%s\n", make_harmless(text));
	free(text);
}

void table_drop(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){0};
}

static void print_from(struct table *t, size_t first, FILE *out)
{
	int widths[TABLE_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < t->count; i++) {
		int width = width_of(t->cells[i], strlen(t->cells[i]));
		if (width > widths[i % t->columns])
			widths[i % t->columns] = width;
	}
	for (size_t i = first; i < t->count; i++) {
		size_t column = i % t->columns;
		fputs(t->cells[i], out);
		if (column + 1 < t->columns)
			fprintf(out, "%*s",
			        widths[column] - width_of(t->cells[i], strlen(t->cells[i])) + GAP,
			        "");
		else
			fputc('\n', out);
	}
	table_drop(t);
}

void table_print(struct table *t, FILE *out)
{
	print_from(t, 0, out);
}

void table_print_rows(struct table *t, FILE *out)
{
	print_from(t, t->columns, out);
}

static int terminal_width(FILE *out)
{
	struct winsize size;
	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col < 40)
		return WIDTH_DEFAULT;
	return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

void print_wrapped(FILE *out, int indent, const char *text)
{
	int width = terminal_width(out), column = 0;
	while (*text) {
		size_t size = strcspn(text, " \n");
		int word = width_of(text, size);
		if (column && column + 1 + word > width) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			column = fprintf(out, "%*s", indent, "") + word;
		else
			column += fprintf(out, " ") + word;
		fwrite(text, 1, size, out);
		text += size;
		if (*text == '\n') {
			fputc('\n', out);
			column = 0;
		}
		if (*text)
			text++;
	}
	if (column)
		fputc('\n', out);
}
