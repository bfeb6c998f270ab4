/* Any program: what is said to stand behind it lies inside the file, or at its end. */
#include "scan/appimage.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct byte_source b = byte_source_of_memory(view_of(bytes, size));
	uint64_t at;
	enum appimage_type type = appimage_type_of(view_of(bytes, size));
	if (appimage_find(&b, &at) != OK)
		return 0;
	CHECK(at > 0 && at <= size);
	CHECK(type != APPIMAGE_NONE);
	return 0;
}
