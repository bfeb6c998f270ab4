/* A file of the time zone database: rows come in order, within the bounds. */
#include <assert.h>

#include "wire/tzif.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	enum { ROWS = 300 };
	static const int64_t from_s = 946684800, until_s = 4102444800;
	struct tzif_change rows[ROWS];
	int count = tzif_read(view_of(bytes, size), from_s, until_s, rows, ROWS);
	assert(count != 0 && count <= ROWS);
	for (int i = 1; i < count; i++)
		assert(rows[i].at_s > from_s && rows[i].at_s < until_s &&
		       rows[i].at_s >= rows[i - 1].at_s);
	return 0;
}
