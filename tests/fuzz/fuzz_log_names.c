#include "tests/fuzz/audit_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	return fuzz_audit_reader(audit_format_named("names"), bytes, size);
}
