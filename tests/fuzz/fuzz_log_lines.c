/* The first byte picks the row of formats of lines, the rest is as audit_reader.h has it. */
#include "tests/fuzz/audit_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct audit_format *rows[256];
	size_t count = 0;
	if (size == 0)
		return 0;
	for (const struct audit_format *f = audit_formats; f->name; f++) {
		if (f->is_lines)
			rows[count++] = f;
	}
	return fuzz_audit_reader(rows[bytes[0] % count], bytes + 1, size - 1);
}
