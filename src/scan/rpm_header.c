#include "scan/rpm_header.h"

#include "base/reader.h"

enum {
	ENTRIES_MAX = 65535,
	ENTRY_SIZE = 16,
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TYPE_STRING = 6,
};

static int text_at(struct view data, uint32_t offset, struct view *ret)
{
	struct view rest = view_skip(data, offset);
	const uint8_t *end = rest.size ? memchr(rest.bytes, 0, rest.size) : NULL;
	if (!end)
		return ERR_MALFORMED;
	*ret = view_of(rest.bytes, (size_t)(end - rest.bytes));
	return OK;
}

int rpm_header_parse(struct view bytes, struct rpm_header *ret)
{
	struct rpm_header h = {0};
	struct reader r = reader_open(bytes.bytes, bytes.size);
	uint32_t entries = read_u32(&r), size = read_u32(&r);
	if (r.failed || entries == 0 || entries > ENTRIES_MAX ||
	    bytes.size - 8 < (uint64_t)entries * ENTRY_SIZE + size)
		return ERR_MALFORMED;
	struct view data = view_of(bytes.bytes + 8 + (size_t)entries * ENTRY_SIZE, size);
	for (uint32_t i = 0; i < entries; i++) {
		uint32_t tag = read_u32(&r), type = read_u32(&r), offset = read_u32(&r);
		(void)read_u32(&r);
		struct view *to = tag == TAG_NAME      ? &h.name
		                  : tag == TAG_VERSION ? &h.version
		                                       : NULL;
		if (to && (type != TYPE_STRING || text_at(data, offset, to) < 0))
			return ERR_MALFORMED;
	}
	if (h.name.size == 0)
		return ERR_MALFORMED;
	*ret = h;
	return OK;
}
