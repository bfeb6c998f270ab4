/* Objects behind one another, a table of where each begins, and a trailer that says where that is. */
#include <string.h>

#include "base/reader.h"
#include "base/utf8.h"
#include "scan/plist_private.h"

enum {
	TRAILER_SIZE = 32,
	KIND_INT = 1,
	KIND_ASCII = 5,
	KIND_UTF16 = 6,
	KIND_ARRAY = 10,
	KIND_SET = 12,
	KIND_DICT = 13,
	KEY_MAX = 256,
};

struct list {
	const struct plist_reader *reader;
	struct view bytes; /* without the trailer */
	unsigned offset_size, reference_size;
	uint64_t count, top, table;
	unsigned visits, depth;
};

/* A key, or a text; UTF-8. */
struct text {
	size_t size;
	char bytes[PLIST_TEXT_MAX];
};

static int read_trailer(struct view bytes, struct list *ret)
{
	struct reader r = reader_open(bytes.bytes + bytes.size - TRAILER_SIZE, TRAILER_SIZE);
	struct list l = {.bytes = view_of(bytes.bytes, bytes.size - TRAILER_SIZE)};
	(void)read_bytes(&r, 6);
	l.offset_size = read_u8(&r);
	l.reference_size = read_u8(&r);
	l.count = read_uint(&r, 8);
	l.top = read_uint(&r, 8);
	l.table = read_uint(&r, 8);
	bool is_good = l.offset_size >= 1 && l.offset_size <= 8 && l.reference_size >= 1 &&
	               l.reference_size <= 8 && l.top < l.count && l.table <= l.bytes.size &&
	               l.count <= (l.bytes.size - l.table) / l.offset_size;
	if (!is_good)
		return ERR_MALFORMED;
	*ret = l;
	return OK;
}

/* What follows the first byte of that object. */
static int find(const struct list *l, uint64_t number, uint8_t *ret_mark, struct reader *ret)
{
	if (number >= l->count)
		return ERR_MALFORMED;
	struct reader table =
		reader_open(l->bytes.bytes + l->table + number * l->offset_size, l->offset_size);
	uint64_t at = read_uint(&table, l->offset_size);
	if (at >= l->bytes.size)
		return ERR_MALFORMED;
	*ret = reader_open(l->bytes.bytes + at, l->bytes.size - (size_t)at);
	*ret_mark = read_u8(ret);
	return OK;
}

/* How many there are: in the mark itself, or as a number behind it. */
static int read_count(struct reader *r, uint8_t mark, uint64_t *ret)
{
	uint64_t count = mark & 15;
	if (count == 15) {
		uint8_t number = read_u8(r);
		if (number >> 4 != KIND_INT || (number & 15) > 3)
			return ERR_MALFORMED;
		count = read_uint(r, (size_t)1 << (number & 15));
	}
	if (r->failed)
		return ERR_MALFORMED;
	*ret = count;
	return OK;
}

static void put(struct text *t, uint32_t c)
{
	uint8_t out[UTF8_SIZE_MAX];
	size_t size = utf8_write(c, out);
	if (size <= sizeof(t->bytes) - t->size) {
		memcpy(t->bytes + t->size, out, size);
		t->size += size;
	}
}

static int read_text(struct reader *r, uint8_t mark, struct text *ret)
{
	uint64_t count = 0;
	size_t width = mark >> 4 == KIND_UTF16 ? 2 : 1;
	int code = read_count(r, mark, &count);
	if (code < 0 || count > reader_left(r) / width)
		return ERR_MALFORMED;
	ret->size = 0;
	for (uint64_t i = 0; i < count && ret->size < sizeof(ret->bytes); i++) {
		uint32_t c = (uint32_t)read_uint(r, width);
		/* half of a pair: what lies beyond the basic plane is in no name that is looked for */
		put(ret, (c & 0xf800) == 0xd800 ? '?' : c);
	}
	return OK;
}

static bool is_text(uint8_t mark)
{
	return mark >> 4 == KIND_ASCII || mark >> 4 == KIND_UTF16;
}

static int read_value(struct list *l, uint64_t number, struct view key);

/* The key of that object, cut to `to`; empty where it is no text. */
static int read_key(const struct list *l, uint64_t number, char to[static KEY_MAX], size_t *ret)
{
	struct text t;
	struct reader r;
	uint8_t mark = 0;
	int code = find(l, number, &mark, &r);
	if (code == OK)
		code = is_text(mark) ? read_text(&r, mark, &t) : ERR_MALFORMED;
	if (code < 0)
		return code;
	*ret = t.size < KEY_MAX ? t.size : KEY_MAX;
	memcpy(to, t.bytes, *ret);
	return OK;
}

static int read_dict(struct list *l, struct reader *keys, uint64_t count)
{
	char key[KEY_MAX];
	size_t size = 0;
	struct reader values = *keys;
	int code = OK;
	(void)read_bytes(&values, (size_t)count * l->reference_size);
	for (uint64_t i = 0; code == OK && i < count; i++) {
		code = read_key(l, read_uint(keys, l->reference_size), key, &size);
		uint64_t value = read_uint(&values, l->reference_size);
		const struct plist_reader *r = l->reader;
		if (code == OK && (!r->enters || r->enters(r->context, view_of(key, size))))
			code = read_value(l, value, view_of(key, size));
	}
	return code;
}

static int read_items(struct list *l, struct reader *r, uint8_t mark, struct view key)
{
	uint64_t count = 0;
	bool is_dict = mark >> 4 == KIND_DICT;
	int code = read_count(r, mark, &count);
	size_t own = l->reference_size * (is_dict ? 2u : 1u);
	if (code < 0 || count > reader_left(r) / own)
		return ERR_MALFORMED;
	if (++l->depth > PLIST_DEPTH_MAX)
		return ERR_LIMIT;
	if (is_dict)
		code = read_dict(l, r, count);
	for (uint64_t i = 0; !is_dict && code == OK && i < count; i++)
		code = read_value(l, read_uint(r, l->reference_size), key);
	l->depth--;
	return code;
}

/* One that lies in itself ends at the depth. */
static int read_value(struct list *l, uint64_t number, struct view key)
{
	struct reader r;
	uint8_t mark = 0;
	if (++l->visits > PLIST_VISITS_MAX)
		return ERR_LIMIT;
	int code = find(l, number, &mark, &r);
	if (code < 0)
		return code;
	if (is_text(mark)) {
		struct text t;
		code = read_text(&r, mark, &t);
		if (code == OK)
			code = l->reader->on_text(l->reader->context, key,
			                          view_of(t.bytes, t.size));
		explicit_bzero(t.bytes, sizeof(t.bytes));
		return code < 0 ? code : OK;
	}
	uint8_t kind = mark >> 4;
	bool has_items = kind == KIND_ARRAY || kind == KIND_SET || kind == KIND_DICT;
	return has_items ? read_items(l, &r, mark, key) : OK;
}

int plist_read_binary(struct view bytes, const struct plist_reader *r)
{
	struct list l;
	int code = bytes.size < 8 + TRAILER_SIZE ? ERR_MALFORMED : read_trailer(bytes, &l);
	if (code < 0)
		return code;
	l.reader = r;
	return read_value(&l, l.top, (struct view){0});
}
