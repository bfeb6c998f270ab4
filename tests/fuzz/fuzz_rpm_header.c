#include "scan/rpm_header.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rpm_header h;
	if (rpm_header_parse(view_of(bytes, size), &h) == OK) {
		CHECK(h.name.size > 0 && h.name.size < size);
		CHECK(h.name.bytes > bytes && h.name.bytes + h.name.size < bytes + size);
		CHECK(h.version.size < size);
	}
	return 0;
}
