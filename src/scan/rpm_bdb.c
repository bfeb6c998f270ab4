/* A hash of Berkeley DB: pages of pairs of a number and a header, which lies on a chain of further pages where it is
 * large. Numbers are in the order of the machine that wrote it. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "scan/rpm_database_private.h"

enum {
	META_SIZE = 72, /* of what is read of it */
	HEAD_SIZE = 26,
	PAGE_MIN = 512,
	PAGE_MAX = 65536,
	TYPE_META = 8,
	TYPE_HASH_OLD = 2,
	TYPE_HASH = 13,
	TYPE_OVERFLOW = 7,
	ITEM_HERE = 1,
	ITEM_ELSEWHERE = 3,
	ELSEWHERE_SIZE = 12,
	HEADER_MIN = 16, /* under the number 0 stands the number of the next package */
	FLAG_CHECKSUM = 1,
};
#define MAGIC 0x061561u

struct bdb {
	struct rpm_reading *reading;
	bool is_big;
	size_t page_size;
	uint64_t pages;
	uint8_t *page;
};

static uint32_t get(const struct bdb *d, const uint8_t *bytes, size_t size)
{
	uint32_t value = 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[d->is_big ? i : size - 1 - i];
	return value;
}

/* Its size and what has none, checksums and ciphers: rpm never had them. */
static int read_meta(struct bdb *d)
{
	uint8_t meta[META_SIZE];
	int code = byte_source_read(d->reading->source, 0, meta, sizeof(meta));
	if (code < 0)
		return code == ERR_TRUNCATED ? ERR_INVALID : code;
	d->is_big = get(d, meta + 12, 4) != MAGIC;
	if (get(d, meta + 12, 4) != MAGIC)
		return ERR_INVALID;
	d->page_size = get(d, meta + 20, 4);
	if (meta[25] != TYPE_META || meta[24] != 0 || meta[26] & FLAG_CHECKSUM ||
	    d->page_size < PAGE_MIN || d->page_size > PAGE_MAX ||
	    (d->page_size & (d->page_size - 1)) != 0)
		return ERR_MALFORMED;
	d->pages = d->reading->source->size / d->page_size;
	return OK;
}

/* The chain of pages that hold `left` bytes: all of them full but the last. */
static int read_chain(struct bdb *d, uint32_t number, uint32_t left)
{
	uint8_t head[HEAD_SIZE];
	uint32_t room = (uint32_t)(d->page_size - HEAD_SIZE);
	int code = left > d->reading->source->size ? ERR_MALFORMED : OK;
	while (code == OK && left) {
		uint64_t at = (uint64_t)number * d->page_size;
		if (number == 0)
			return ERR_MALFORMED;
		code = byte_source_read(d->reading->source, at, head, sizeof(head));
		if (code < 0)
			break;
		uint32_t size = get(d, head + 22, 2);
		if (head[25] != TYPE_OVERFLOW || size != (left < room ? left : room))
			return ERR_MALFORMED;
		code = rpm_reading_add(d->reading, at + HEAD_SIZE, size);
		left -= size;
		number = get(d, head + 16, 4);
	}
	return code;
}

/* Where an item of the page begins and ends: they stand one before the other, from the page's end. */
static bool find_item(const struct bdb *d, size_t i, size_t entries, size_t *ret_from,
                      size_t *ret_until)
{
	size_t from = get(d, d->page + HEAD_SIZE + 2 * i, 2);
	size_t until = i ? get(d, d->page + HEAD_SIZE + 2 * (i - 1), 2) : d->page_size;
	*ret_from = from;
	*ret_until = until;
	return from >= HEAD_SIZE + 2 * entries && from < until && until <= d->page_size;
}

static int read_item(struct bdb *d, uint64_t page, size_t i, size_t entries)
{
	size_t from, until;
	if (!find_item(d, i, entries, &from, &until))
		return ERR_MALFORMED;
	const uint8_t *item = d->page + from;
	size_t size = until - from - 1;
	int code = OK;
	if (item[0] == ITEM_HERE && size < HEADER_MIN)
		return OK;
	if (item[0] == ITEM_HERE)
		code = rpm_reading_add(d->reading, page * d->page_size + from + 1, size);
	else if (item[0] == ITEM_ELSEWHERE && size + 1 >= ELSEWHERE_SIZE)
		code = read_chain(d, get(d, item + 4, 4), get(d, item + 8, 4));
	else
		return ERR_MALFORMED;
	return code == OK ? rpm_reading_tell(d->reading) : code;
}

static int read_page(struct bdb *d, uint64_t number)
{
	int code =
		byte_source_read(d->reading->source, number * d->page_size, d->page, d->page_size);
	if (code < 0)
		return code;
	size_t entries = get(d, d->page + 20, 2);
	uint8_t type = d->page[25];
	if (type != TYPE_HASH && type != TYPE_HASH_OLD)
		return OK;
	if (entries > (d->page_size - HEAD_SIZE) / 2)
		return ERR_MALFORMED;
	/* a key, then what it stands for */
	for (size_t i = 1; code == OK && i < entries; i += 2) {
		int own = read_item(d, number, i, entries);
		code = rpm_reading_ends(d->reading, own) ? own : OK;
	}
	return code;
}

int rpm_bdb_read(struct rpm_reading *r)
{
	struct bdb d = {.reading = r};
	int code = read_meta(&d);
	if (code < 0)
		return code;
	cleanup(free) uint8_t *page = d.page = malloc(d.page_size);
	if (!page)
		return ERR_LIMIT;
	for (uint64_t i = 1; code == OK && i < d.pages; i++) {
		int own = read_page(&d, i);
		code = rpm_reading_ends(r, own) ? own : OK;
	}
	return code;
}
