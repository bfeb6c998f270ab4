/* Any database of rpm in one of its older forms: it is read within its size, and to an end. */
#include "scan/rpm_database.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct told {
	uint64_t bytes;
	size_t size;
};

static int on_header(void *context, struct view header)
{
	struct told *t = context;
	uint8_t sum = 0;
	for (size_t i = 0; i < header.size; i++)
		sum ^= header.bytes[i];
	CHECK(header.size <= RPM_HEADER_MAX && header.size <= 4 * t->size);
	t->bytes += header.size + (sum & 0);
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct byte_source b = byte_source_of_memory(view_of(bytes, size));
	struct told told = {.size = size};
	uint64_t damaged = 0;
	int code = rpm_database_read(&b, on_header, &told, &damaged);
	CHECK(code <= 0);
	CHECK(told.bytes <= 4 * (uint64_t)size);
	return 0;
}
