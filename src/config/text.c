#include "config/text.h"

#include "base/utf8.h"

enum { WORD_SIZE_MAX = 64, NEAR_MAX = 2 };

static uint32_t code_of(struct view c)
{
	static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = 0;
	for (size_t i = 0; i < c.size; i++)
		code = code << 6 | (c.bytes[i] & (i ? 0x3f : first_bits[c.size]));
	return code;
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Characters that YAML or a terminal would not show as they are: control characters, line and
 * paragraph separators, marks of direction, the byte order mark, what is no character. */
static bool is_escaped(uint32_t code)
{
	return is_control(code) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f ||
	       code == 0xfeff || code == 0xfffe || code == 0xffff;
}

/* Cuts one character off the front; a byte that starts none is taken as U+FFFD. */
static struct view take_character(struct view *text)
{
	size_t size = utf8_size(*text);
	struct view c = size ? view_of(text->bytes, size) : view_text("\xef\xbf\xbd");
	*text = view_skip(*text, size ? size : 1);
	return c;
}

bool text_is_clean(struct view text)
{
	while (text.size) {
		size_t size = utf8_size(text);
		if (size == 0)
			return false;
		uint32_t code = code_of(view_of(text.bytes, size));
		if (is_control(code) && code != '\n' && code != '\t')
			return false;
		text = view_skip(text, size);
	}
	return true;
}

static bool is_word_of_yaml(struct view text)
{
	static const char *const words[] = {"y",     "n",  "yes", "no",   "true",
	                                    "false", "on", "off", "null", NULL};
	for (const char *const *w = words; *w; w++) {
		if (view_is_nocase(text, *w))
			return true;
	}
	return false;
}

/* Whether any YAML reader takes the text, written plainly in a block, for this very text. */
static bool is_plain(struct view text, bool is_plain_number)
{
	if (text.size == 0 || is_word_of_yaml(text))
		return false;
	uint8_t first = text.bytes[0], last = text.bytes[text.size - 1];
	bool is_number = is_plain_number && (view_is_digit(first) || first == '-');
	if ((!view_is_letter(first) && first < 0x80 && first != '/' && !is_number) || last == ' ' ||
	    last == ':')
		return false;
	for (size_t i = 1; i < text.size; i++) {
		if ((text.bytes[i] == ' ' && text.bytes[i - 1] == ':') ||
		    (text.bytes[i] == '#' && text.bytes[i - 1] == ' '))
			return false;
	}
	while (text.size) {
		if (is_escaped(code_of(take_character(&text))))
			return false;
	}
	return true;
}

static void print_quoted(struct view text, struct buffer *out)
{
	buffer_add(out, "\"", 1);
	while (text.size) {
		struct view c = take_character(&text);
		uint32_t code = code_of(c);
		if (code == '\n')
			buffer_add_text(out, "\\n");
		else if (code == '\t')
			buffer_add_text(out, "\\t");
		else if (code == '"' || code == '\\')
			buffer_printf(out, "\\%c", (int)code);
		else if (is_escaped(code))
			buffer_printf(out, "\\u%04x", code);
		else
			buffer_add_view(out, c);
	}
	buffer_add(out, "\"", 1);
}

void text_print_yaml(struct view text, bool is_plain_number, struct buffer *out)
{
	if (is_plain(text, is_plain_number))
		buffer_add_view(out, text);
	else
		print_quoted(text, out);
}

const char *text_quote(struct view text, char quoted[static TEXT_QUOTE_SIZE])
{
	static const char cut[] = "...";
	const size_t room = TEXT_QUOTE_SIZE - sizeof(cut) - 2;
	size_t at = 0;
	quoted[at++] = '"';
	while (text.size) {
		struct view c = take_character(&text);
		if (is_escaped(code_of(c)))
			c = view_text("?");
		if (at + c.size > room) {
			memcpy(quoted + at, cut, sizeof(cut) - 1);
			at += sizeof(cut) - 1;
			break;
		}
		memcpy(quoted + at, c.bytes, c.size);
		at += c.size;
	}
	quoted[at++] = '"';
	quoted[at] = 0;
	return quoted;
}

unsigned text_distance(struct view a, struct view b, unsigned most)
{
	unsigned row[WORD_SIZE_MAX + 1];
	size_t gap = a.size > b.size ? a.size - b.size : b.size - a.size;
	if (gap > most || a.size > WORD_SIZE_MAX || b.size > WORD_SIZE_MAX)
		return most + 1;
	for (unsigned j = 0; j <= b.size; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.size; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.size; j++) {
			unsigned replace = diagonal + (a.bytes[i - 1] != b.bytes[j - 1]);
			unsigned insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			diagonal = row[j];
			row[j] = replace < insert ? replace : insert;
		}
	}
	return row[b.size] <= most ? row[b.size] : most + 1;
}

void text_print_near(struct view text, const char *const *words, size_t count, struct buffer *out)
{
	/* a word of three letters with two changed is another word */
	unsigned best = text.size < 4 ? 1 : NEAR_MAX;
	const char *near = NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = text_distance(text, view_text(words[i]), best);
		if (distance <= best && (!near || distance < best)) {
			best = distance;
			near = words[i];
		}
	}
	if (near)
		buffer_printf(out, " (did you mean \"%s\"?)", near);
}

/* A line must not be taken for a request, nor a backslash for an escape. */
void text_print_mdoc(const char *text, struct buffer *out)
{
	bool is_start = true;
	for (; *text; text++) {
		if (is_start && (*text == '.' || *text == '\''))
			buffer_add_text(out, "\\&");
		is_start = text[0] == '.' && text[1] == ' ';
		if (*text == '\\')
			buffer_add_text(out, "\\e");
		else
			buffer_add(out, text, 1);
		if (is_start) {
			buffer_add_text(out, "\n");
			text++;
		}
	}
	buffer_add_text(out, "\n");
}
