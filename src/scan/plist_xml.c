/* <key>NAME</key> and the element behind it, which may be one that has more of them. No XML beyond that: no entities
 * but the five and numbers, no documents from elsewhere. libexpat is not used here: it ends at the first "&" that stands
 * for itself, of which lists written by hand have many, and what comes behind would be lost. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "scan/plist_private.h"

enum { KEY_MAX = 256, NUMBER_MAX = 12 };

struct document {
	const struct plist_reader *reader;
	struct view rest;
	char key[PLIST_DEPTH_MAX + 1][KEY_MAX]; /* of each level that is open */
	size_t key_size[PLIST_DEPTH_MAX + 1];
	bool is_refused[PLIST_DEPTH_MAX + 1]; /* that key was */
	unsigned depth;
	unsigned closed; /* the outermost level that stands under a refused key; 0: none */
	char text[PLIST_TEXT_MAX];
	size_t text_size;
};

static const struct {
	const char *name;
	char is;
} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

static void add(struct document *d, struct view v)
{
	size_t room = sizeof(d->text) - d->text_size;
	size_t size = v.size < room ? v.size : room;
	if (size)
		memcpy(d->text + d->text_size, v.bytes, size);
	d->text_size += size;
}

/* The character of &#65; or &#x41;, past it; 0 when it is none. */
static uint32_t take_number(struct view *v)
{
	static const char digits[] = "0123456789abcdef";
	struct view rest = view_of(v->bytes, v->size < NUMBER_MAX ? v->size : NUMBER_MAX);
	struct view number = view_split(&rest, ';');
	bool is_hex = view_starts_with(number, view_text("&#x"));
	uint32_t base = is_hex ? 16 : 10, code = 0;
	size_t whole = number.size + 1;
	if (!rest.bytes || !view_starts_with(number, view_text("&#")))
		return 0;
	number = view_skip(number, is_hex ? 3 : 2);
	for (size_t i = 0; i < number.size; i++) {
		uint8_t c = number.bytes[i];
		const char *digit = c < '0' ? NULL : memchr(digits, c | 0x20, base);
		if (!digit || code >= 0x110000)
			return 0;
		code = code * base + (uint32_t)(digit - digits);
	}
	if (code == 0 || code >= 0x110000)
		return 0;
	*v = view_skip(*v, whole);
	return code;
}

static void take_character(struct document *d)
{
	uint8_t own[UTF8_SIZE_MAX];
	for (size_t i = 0; d->rest.bytes[0] == '&' && i < sizeof(entities) / sizeof(*entities);
	     i++) {
		struct view name = view_text(entities[i].name);
		if (view_starts_with(d->rest, name)) {
			d->rest = view_skip(d->rest, name.size);
			add(d, view_of(&entities[i].is, 1));
			return;
		}
	}
	uint32_t code = d->rest.bytes[0] == '&' ? take_number(&d->rest) : 0;
	if (code) {
		add(d, view_of(own, utf8_write(code, own)));
		return;
	}
	add(d, view_of(d->rest.bytes, 1));
	d->rest = view_skip(d->rest, 1);
}

/* What has no tags in it, though it begins like one. */
static const struct section {
	const char *begin, *end;
	bool is_text;
} sections[] = {{"<!--", "-->", false}, {"<![CDATA[", "]]>", true}};

/* Past one; false where none begins. One without an end is the rest. */
static bool take_section(struct document *d)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const struct section *s = &sections[i];
		struct view begin = view_text(s->begin), end = view_text(s->end);
		if (!view_starts_with(d->rest, begin))
			continue;
		struct view inner = view_skip(d->rest, begin.size);
		const uint8_t *at =
			inner.size ? memmem(inner.bytes, inner.size, end.bytes, end.size) : NULL;
		size_t size = at ? (size_t)(at - inner.bytes) : inner.size;
		if (s->is_text)
			add(d, view_of(inner.bytes, size));
		d->rest = view_skip(inner, size + end.size);
		return true;
	}
	return false;
}

/* Moves to the next tag and past it; false at the end. What stands between is left in `text`. */
static bool next_tag(struct document *d, struct view *ret)
{
	d->text_size = 0;
	do {
		while (d->rest.size && d->rest.bytes[0] != '<')
			take_character(d);
	} while (take_section(d));
	if (d->rest.size == 0)
		return false;
	d->rest = view_skip(d->rest, 1);
	*ret = view_split(&d->rest, '>');
	return true;
}

static void set_key(struct document *d)
{
	size_t size = d->text_size < KEY_MAX ? d->text_size : KEY_MAX;
	const struct plist_reader *r = d->reader;
	memcpy(d->key[d->depth], d->text, size);
	d->key_size[d->depth] = size;
	d->is_refused[d->depth] = r->enters && !r->enters(r->context, view_of(d->text, size));
}

/* A level begins with the key that it stands under, as items of a list have it. */
static int open_level(struct document *d)
{
	if (d->depth == PLIST_DEPTH_MAX)
		return ERR_LIMIT;
	d->depth++;
	memcpy(d->key[d->depth], d->key[d->depth - 1], KEY_MAX);
	d->key_size[d->depth] = d->key_size[d->depth - 1];
	d->is_refused[d->depth] = false;
	if (d->is_refused[d->depth - 1] && !d->closed)
		d->closed = d->depth;
	return OK;
}

static int close_level(struct document *d)
{
	if (d->depth == 0)
		return ERR_MALFORMED;
	if (d->closed == d->depth)
		d->closed = 0;
	d->depth--;
	return OK;
}

static int tell(struct document *d)
{
	if (d->is_refused[d->depth] || d->closed)
		return OK;
	int code = d->reader->on_text(d->reader->context,
	                              view_of(d->key[d->depth], d->key_size[d->depth]),
	                              view_of(d->text, d->text_size));
	return code < 0 ? code : OK;
}

static int take_tag(struct document *d, struct view tag)
{
	if (view_is(tag, "dict") || view_is(tag, "array"))
		return open_level(d);
	if (view_is(tag, "/dict") || view_is(tag, "/array"))
		return close_level(d);
	if (view_is(tag, "/key") && !d->closed)
		set_key(d);
	return view_is(tag, "/string") ? tell(d) : OK;
}

int plist_read_xml(struct view bytes, const struct plist_reader *r)
{
	struct view tag;
	unsigned visits = 0;
	int code = OK;
	cleanup(free) struct document *d = calloc(1, sizeof(*d));
	if (!d)
		return ERR_LIMIT;
	d->reader = r;
	d->rest = bytes;
	while (code == OK && next_tag(d, &tag))
		code = ++visits > 4 * PLIST_VISITS_MAX ? ERR_LIMIT : take_tag(d, tag);
	explicit_bzero(d->text, sizeof(d->text));
	return code;
}
