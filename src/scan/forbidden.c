#include "scan/forbidden.h"

#include <string.h>

/* The place behind a text in quotes that begins at `at`; it ends with its line at the latest. */
static size_t skip_text(struct view v, size_t at)
{
	uint8_t quote = v.bytes[at++];
	while (at < v.size && v.bytes[at] != quote && v.bytes[at] != '\n')
		at += quote == '"' && v.bytes[at] == '\\' ? 2 : 1;
	return at < v.size ? at + 1 : v.size;
}

size_t scan_forbidden_group(struct view rest)
{
	size_t at = 0, depth = 0;
	if (rest.size == 0 || (rest.bytes[0] != '{' && rest.bytes[0] != '['))
		return 0;
	while (at < rest.size) {
		uint8_t c = rest.bytes[at];
		if (c == '"' || c == '\'') {
			at = skip_text(rest, at);
			continue;
		}
		at++;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		if (depth == 0)
			return at;
	}
	return SIZE_MAX;
}

static size_t indent_of(struct view line)
{
	size_t size = 0;
	while (size < line.size && line.bytes[size] == ' ')
		size++;
	return size;
}

static size_t skip_any(struct view v, size_t at, const char *these)
{
	while (at < v.size && v.bytes[at] && strchr(these, v.bytes[at]))
		at++;
	return at;
}

/* Whether the line has nothing more than what begins a text of several lines (`|`, `>-`), and a comment. No line is
 * looked through for that: all keys may stand in one. */
static bool is_opened(struct view rest)
{
	size_t at = skip_any(rest, 0, " \t\r");
	if (at < rest.size && (rest.bytes[at] == '|' || rest.bytes[at] == '>'))
		at = skip_any(rest, skip_any(rest, at + 1, "+-0123456789"), " \t\r");
	return at == rest.size || rest.bytes[at] == '\n' || rest.bytes[at] == '#';
}

/* A list may begin in the column of its key. */
static bool is_below(struct view line, size_t column)
{
	size_t indent = indent_of(line);
	struct view text = view_trim(line);
	return text.size == 0 || indent > column ||
	       (indent == column &&
	        (view_is(text, "-") || view_starts_with(text, view_text("- "))));
}

size_t scan_forbidden_block(struct view rest, size_t column)
{
	struct view left = rest;
	if (!is_opened(rest))
		return 0;
	(void)view_split(&left, '\n');
	while (left.size) {
		struct view after = left;
		if (!is_below(view_split(&after, '\n'), column))
			break;
		left = after;
	}
	return rest.size - left.size;
}

size_t scan_forbidden_table(struct view rest)
{
	struct view left = rest;
	(void)view_split(&left, '\n');
	while (left.size) {
		struct view after = left;
		if (view_starts_with(view_trim(view_split(&after, '\n')), view_text("[")))
			break;
		left = after;
	}
	return rest.size - left.size;
}
