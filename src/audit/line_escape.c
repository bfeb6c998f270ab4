#include "audit/line_escape.h"

#include "audit/line_scan.h"
#include "base/utf8.h"

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number of `digits` hexadecimal digits at the begin; -1 when there are none. */
static int hex_number(struct view text, size_t digits)
{
	int number = 0;
	if (text.size < digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		int digit = hex_value(text.bytes[i]);
		if (digit < 0)
			return -1;
		number = number << 4 | digit;
	}
	return number;
}

/* \uXXXX, with a second one where it takes two; returns how many bytes of `text` it took, 0 for none. */
static size_t undo_unicode(struct view text, unsigned *ret_code)
{
	int code = text.size > 1 && text.bytes[1] == 'u' ? hex_number(view_skip(text, 2), 4) : -1;
	if (code < 0)
		return 0;
	*ret_code = (unsigned)code;
	struct view next = view_skip(text, 6);
	if (code < 0xd800 || code > 0xdbff || next.size < 6 || next.bytes[0] != '\\' ||
	    next.bytes[1] != 'u')
		return 6;
	int low = hex_number(view_skip(next, 2), 4);
	if (low < 0xdc00 || low > 0xdfff)
		return 6;
	*ret_code = 0x10000 + (((unsigned)code & 0x3ff) << 10) + ((unsigned)low & 0x3ff);
	return 12;
}

static size_t undo_backslash(struct view text, uint8_t *room, size_t *ret_put)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	unsigned code;
	size_t used = undo_unicode(text, &code);
	if (used) {
		*ret_put = utf8_write(code, room);
		return used;
	}
	uint8_t c = text.size > 1 ? text.bytes[1] : '\\';
	const char *at = c ? strchr(from, c) : NULL;
	room[0] = at ? (uint8_t)to[at - from] : c;
	*ret_put = 1;
	return text.size > 1 ? 2 : 1;
}

size_t line_escape_undo(struct view text, bool percent, bool backslash, uint8_t *room,
                        size_t room_size)
{
	size_t size = 0;
	while (text.size && size + 4 <= room_size) {
		size_t used = 1, put = 1;
		int byte;
		if (backslash && text.bytes[0] == '\\') {
			used = undo_backslash(text, room + size, &put);
		} else if (percent && text.bytes[0] == '%' &&
		           (byte = hex_number(view_skip(text, 1), 2)) >= 0) {
			room[size] = (uint8_t)byte;
			used = 3;
		} else {
			room[size] = text.bytes[0];
		}
		text = view_skip(text, used);
		size += put;
	}
	return size;
}

static bool is_joined(uint8_t c)
{
	return line_escape_is_host(c) || (c && strchr("%\\/:()", c));
}

/* A full stop, of any script that has one in host names. */
static bool has_dot(struct view text)
{
	return memchr(text.bytes, '.', text.size) ||
	       memmem(text.bytes, text.size, "\xe3\x80\x82", 3) ||
	       memmem(text.bytes, text.size, "\xef\xbc\x8e", 3) ||
	       memmem(text.bytes, text.size, "\xef\xbd\xa1", 3);
}

static bool has_any(const struct line_filter *f, struct view text)
{
	while (text.size) {
		size_t size = 0;
		while (size < text.size && line_escape_is_host(text.bytes[size]))
			size++;
		struct view name = view_of(text.bytes, size);
		if (size && (has_dot(name) || f->with & NAME_STEMS_SINGLE) &&
		    line_filter_has_name(f, name))
			return true;
		text = view_skip(text, size ? size : 1);
	}
	return false;
}

/* (4)chat(7)example(0) -> .chat.example. */
static size_t undo_counted(struct view text, uint8_t *room, size_t room_size)
{
	size_t size = 0;
	while (text.size && size < room_size) {
		uint8_t c = text.bytes[0];
		const uint8_t *close =
			c == '(' ? memchr(text.bytes, ')', text.size < 5 ? text.size : 5) : NULL;
		room[size++] = close ? '.' : c;
		text = view_skip(text, close ? (size_t)(close - text.bytes) + 1 : 1);
	}
	while (size && room[size - 1] == '.')
		size--;
	return size;
}

bool line_escape_has_name(const struct line_filter *f, struct view run, size_t at, bool is_counted)
{
	uint8_t room[2 * LINE_ESCAPED_MAX + 8];
	size_t begin = at, end = at;
	while (begin > 0 && at - begin < LINE_ESCAPED_MAX && is_joined(run.bytes[begin - 1]))
		begin--;
	while (end < run.size && end - at < LINE_ESCAPED_MAX && is_joined(run.bytes[end]))
		end++;
	struct view text = view_of(run.bytes + begin, end - begin);
	if (!is_counted) {
		size_t size = line_escape_undo(text, true, true, room, sizeof(room));
		return has_any(f, view_of(room, size));
	}
	size_t size = undo_counted(text, room, sizeof(room)), from = 0;
	while (from < size && room[from] == '.')
		from++;
	return has_any(f, view_of(room + from, size - from));
}
