/* A compressed source, in blocks as large as the first byte says: it comes to an end, and never writes beyond its room. */
#include <stdlib.h>

#include "audit/inflater.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROOM = 997, BYTES_MAX = 1 << 20 };

/* What one block gives; false when nothing more will come. */
static bool take(struct inflater *i, struct view block, size_t *total)
{
	int got;
	do {
		uint8_t *room = malloc(ROOM);
		CHECK(room);
		size_t before = block.size;
		got = inflater_read(i, &block, room, ROOM);
		free(room);
		CHECK(got <= ROOM && block.size <= before);
		CHECK(got != 0 || block.size == 0 || block.size < before);
		*total += got > 0 ? (size_t)got : 0;
	} while (got > 0 && *total < BYTES_MAX);
	return got >= 0 && *total < BYTES_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct inflater i = {0};
	size_t total = 0;
	if (size == 0)
		return 0;
	struct view rest = view_of(bytes + 1, size - 1);
	const struct inflater_kind *kind = inflater_kind_find(rest);
	if (!kind)
		return 0;
	CHECK(inflater_open(kind, &i) == OK);
	while (rest.size) {
		size_t part = rest.size < (size_t)bytes[0] + 1 ? rest.size : (size_t)bytes[0] + 1;
		if (!take(&i, view_of(rest.bytes, part), &total))
			break;
		rest = view_skip(rest, part);
	}
	int code = inflater_finish(&i);
	CHECK(code == OK || code == ERR_TRUNCATED);
	inflater_close(&i);
	return 0;
}
