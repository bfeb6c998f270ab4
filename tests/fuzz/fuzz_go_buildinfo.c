#include "scan/go_buildinfo.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct view text, path, version;
	if (go_buildinfo_modules(view_of(bytes, size), &text) < 0)
		return 0;
	CHECK(text.bytes > bytes && text.bytes + text.size <= bytes + size);
	while (go_buildinfo_next(&text, &path, &version))
		CHECK(path.size > 0 && path.size <= size && version.size <= size);
	return 0;
}
