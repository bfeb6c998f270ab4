#include "scan/bun_lockb.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct bun_lockb b;
	struct view name;
	if (bun_lockb_open(view_of(bytes, size), &b) < 0)
		return 0;
	while (bun_lockb_next(&b, &name))
		CHECK(name.size > 0 && name.bytes >= bytes &&
		      name.bytes + name.size <= bytes + size);
	return 0;
}
