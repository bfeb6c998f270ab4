/* First byte: the dialect. A place that is found does not depend on what follows it, and no shorter stream has
 * it elsewhere or says never. */
#include "tests/fuzz/check.h"
#include "wire/starttls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	enum starttls_dialect dialect;
	size_t at = 0, again = 0;
	if (size == 0)
		return 0;
	struct view all = view_of(bytes + 1, size - 1);
	int code = starttls_recognise(all, all, &dialect);
	CHECK(code == OK || code == ERR_TRUNCATED || code == ERR_MISSING);
	CHECK(code != OK || dialect < STARTTLS_DIALECTS);
	dialect = bytes[0] % STARTTLS_DIALECTS;
	code = starttls_find(dialect, all, &at);
	CHECK(code == OK || code == ERR_TRUNCATED || code == ERR_MISSING);
	if (code != OK)
		return 0;
	CHECK(at > 0 && at < all.size && all.bytes[at] == 0x16);
	CHECK(starttls_find(dialect, view_of(all.bytes, at + 1), &again) == OK && again == at);
	CHECK(starttls_find(dialect, view_of(all.bytes, at), &again) == ERR_TRUNCATED);
	CHECK(starttls_find(dialect, view_of(all.bytes, at / 2), &again) == ERR_TRUNCATED);
	return 0;
}
