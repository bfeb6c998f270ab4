/* <key>NAME</key> and the element behind it, which may be one that has more of them. No XML beyond that: no entities
 * but the five, no documents from elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "scan/plist_private.h"

enum { KEY_MAX = 256 };

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

/* One character of a text, past it. */
static char unescape(struct view *v)
{
	for (size_t i = 0; v->bytes[0] == '&' && i < sizeof(entities) / sizeof(*entities); i++) {
		struct view name = view_text(entities[i].name);
		if (view_starts_with(*v, name)) {
			*v = view_skip(*v, name.size);
			return entities[i].is;
		}
	}
	char c = (char)v->bytes[0];
	*v = view_skip(*v, 1);
	return c;
}

/* The text up to the next tag. */
static void take_text(struct document *d)
{
	d->text_size = 0;
	while (d->rest.size && d->rest.bytes[0] != '<') {
		char c = unescape(&d->rest);
		if (d->text_size < sizeof(d->text))
			d->text[d->text_size++] = c;
	}
}

/* Moves to the next tag and past it; false at the end. What stands between is left in `text`. */
static bool next_tag(struct document *d, struct view *ret)
{
	static const char comment[] = "<!--", end[] = "-->";
	for (;;) {
		take_text(d);
		if (d->rest.size == 0)
			return false;
		if (!view_starts_with(d->rest, view_text(comment)))
			break;
		const uint8_t *at = memmem(d->rest.bytes, d->rest.size, end, sizeof(end) - 1);
		if (!at)
			return false;
		d->rest = view_skip(d->rest, (size_t)(at - d->rest.bytes) + sizeof(end) - 1);
	}
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
