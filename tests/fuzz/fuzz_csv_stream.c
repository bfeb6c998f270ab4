/* Any bytes in any blocks are the same rows. */
#include "tests/fuzz/check.h"
#include "wire/csv_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int on_row(void *context, const struct view *fields, size_t count)
{
	uint64_t *sum = context;
	size_t bytes = 0;
	CHECK(count > 0 && count <= CSV_FIELDS_MAX);
	for (size_t i = 0; i < count; i++) {
		bytes += fields[i].size;
		*sum = *sum * 31 + fields[i].size + 1;
	}
	CHECK(bytes <= CSV_ROW_MAX);
	return OK;
}

static uint64_t read_in(struct view csv, size_t block)
{
	static struct csv_stream s;
	uint64_t sum = 0;
	csv_stream_begin(&s, ',', on_row, &sum);
	while (csv.size) {
		size_t size = csv.size < block ? csv.size : block;
		CHECK(csv_stream_feed(&s, view_of(csv.bytes, size)) == OK);
		csv = view_skip(csv, size);
	}
	CHECK(csv_stream_end(&s) == OK);
	CHECK(s.cut <= s.rows);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct view csv = view_of(bytes, size);
	CHECK(read_in(csv, size + 1) == read_in(csv, 1 + size % 7));
	(void)csv_stream_separator(csv);
	return 0;
}
