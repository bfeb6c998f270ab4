#include "wire/dname.h"

#include <errno.h>
#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { LABEL_SIZE_MAX = 63 };

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* A name being built: `label` is where the length of the open label stands. */
struct builder {
	struct dname name;
	size_t at, label;
};

static int close_label(struct builder *b)
{
	size_t size = b->at - b->label - 1;
	if (size == 0)
		return ERR_MALFORMED;
	b->name.bytes[b->label] = (uint8_t)size;
	b->name.labels++;
	b->label = b->at;
	return OK;
}

static int add_bytes(struct builder *b, struct view bytes)
{
	if (bytes.size == 0)
		return OK;
	if (b->at == b->label)
		b->at++; /* room for the length */
	/* one byte stays free for the root label */
	if (b->at - b->label + bytes.size > LABEL_SIZE_MAX + 1 ||
	    b->at + bytes.size > DNAME_SIZE_MAX - 1)
		return ERR_LIMIT;
	for (size_t i = 0; i < bytes.size; i++)
		b->name.bytes[b->at++] = fold(bytes.bytes[i]);
	return OK;
}

/* Takes what follows a backslash. */
static int take_escape(struct view *text, uint8_t *ret)
{
	if (text->size == 0)
		return ERR_MALFORMED;
	uint8_t c = text->bytes[0];
	if (c < '0' || c > '9') {
		*ret = c;
		*text = view_skip(*text, 1);
		return OK;
	}
	unsigned value = 0;
	for (size_t i = 0; i < 3; i++) {
		if (i >= text->size || text->bytes[i] < '0' || text->bytes[i] > '9')
			return ERR_MALFORMED;
		value = value * 10 + (text->bytes[i] - '0');
	}
	if (value > 255)
		return ERR_MALFORMED;
	*ret = (uint8_t)value;
	*text = view_skip(*text, 3);
	return OK;
}

/* What stands for itself: up to a dot, a backslash or the end. */
static struct view cut_plain(struct view *text)
{
	size_t size = 0;
	while (size < text->size && text->bytes[size] != '.' && text->bytes[size] != '\\')
		size++;
	struct view plain = view_of(text->bytes, size);
	*text = view_skip(*text, size);
	return plain;
}

/* Takes a dot, or a backslash with what follows it. */
static int take_mark(struct builder *b, struct view *text)
{
	uint8_t c = text->bytes[0];
	*text = view_skip(*text, 1);
	if (c == '.')
		return b->at == b->label ? ERR_MALFORMED : close_label(b);
	int r = take_escape(text, &c);
	return r == OK ? add_bytes(b, view_of(&c, 1)) : r;
}

static int parse_ascii(struct view text, struct dname *ret)
{
	struct builder b = {0};
	if (text.size == 0)
		return ERR_MALFORMED;
	if (view_is(text, ".")) {
		*ret = (struct dname){.size = 1};
		return OK;
	}
	while (text.size) {
		int r = add_bytes(&b, cut_plain(&text));
		if (r == OK && text.size)
			r = take_mark(&b, &text);
		if (r < 0)
			return r;
	}
	if (b.at != b.label) {
		int r = close_label(&b);
		if (r < 0)
			return r;
	}
	b.name.bytes[b.at] = 0;
	b.name.size = (uint8_t)(b.at + 1);
	*ret = b.name;
	return OK;
}

static bool is_ascii(struct view text)
{
	uint64_t all = 0, eight;
	for (; text.size >= sizeof(eight); text = view_skip(text, sizeof(eight))) {
		memcpy(&eight, text.bytes, sizeof(eight));
		all |= eight;
	}
	for (size_t i = 0; i < text.size; i++)
		all |= text.bytes[i];
	return !(all & UINT64_C(0x8080808080808080));
}

int dname_parse_text(struct view text, struct dname *ret)
{
	if (is_ascii(text))
		return parse_ascii(text, ret);
	char source[DNAME_TEXT_SIZE];
	if (text.size >= sizeof(source))
		return ERR_LIMIT;
	if (memchr(text.bytes, 0, text.size))
		return ERR_MALFORMED;
	memcpy(source, text.bytes, text.size);
	source[text.size] = 0;
	char *ascii = NULL;
	int r = idn2_to_ascii_8z(source, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (r == IDN2_TOO_BIG_DOMAIN || r == IDN2_TOO_BIG_LABEL)
		return ERR_LIMIT;
	if (r != IDN2_OK)
		return r == IDN2_MALLOC ? -ENOMEM : ERR_MALFORMED;
	r = parse_ascii(view_text(ascii), ret);
	idn2_free(ascii);
	return r;
}

int dname_parse_wire(struct view wire, struct dname *ret)
{
	struct dname name = {0};
	size_t at = 0;
	for (;;) {
		if (at >= wire.size)
			return at >= DNAME_SIZE_MAX ? ERR_LIMIT : ERR_TRUNCATED;
		uint8_t size = wire.bytes[at];
		if (size > LABEL_SIZE_MAX)
			return ERR_MALFORMED;
		if (at + size + 1u > DNAME_SIZE_MAX)
			return ERR_LIMIT;
		if (at + size + 1u > wire.size)
			return ERR_TRUNCATED;
		name.bytes[at++] = size;
		for (uint8_t i = 0; i < size; i++, at++)
			name.bytes[at] = fold(wire.bytes[at]);
		if (size == 0)
			break;
		name.labels++;
	}
	if (at != wire.size)
		return ERR_MALFORMED;
	name.size = (uint8_t)at;
	*ret = name;
	return OK;
}

const char *dname_print(const struct dname *name, char text[static DNAME_TEXT_SIZE])
{
	char *out = text;
	for (size_t at = 0; name->bytes[at]; at += name->bytes[at] + 1u) {
		if (at)
			*out++ = '.';
		for (size_t i = 1; i <= name->bytes[at]; i++) {
			uint8_t c = name->bytes[at + i];
			if (c == '.' || c == '\\')
				out += sprintf(out, "\\%c", c);
			else if (c > ' ' && c < 0x7f)
				*out++ = (char)c;
			else
				out += sprintf(out, "\\%03u", c);
		}
	}
	if (out == text)
		*out++ = '.';
	*out = 0;
	return text;
}

bool dname_equal(const struct dname *a, const struct dname *b)
{
	return view_equal(dname_view(a), dname_view(b));
}

bool dname_is_under(const struct dname *name, const struct dname *zone)
{
	if (zone->labels > name->labels)
		return false;
	size_t at = 0;
	for (unsigned skip = name->labels - zone->labels; skip; skip--)
		at += name->bytes[at] + 1u;
	return view_equal(view_skip(dname_view(name), at), dname_view(zone));
}
