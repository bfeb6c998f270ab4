/* A file of dnstap, as audit_reader.h has it; and its bytes as one frame: what is decoded lies within. */
#include "tests/fuzz/audit_reader.h"
#include "wire/dnstap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_within(struct view part, const uint8_t *bytes, size_t size)
{
	CHECK(part.size == 0 || (part.bytes >= bytes && part.bytes + part.size <= bytes + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dnstap tap;
	if (dnstap_decode(view_of(bytes, size), &tap) == OK) {
		CHECK(tap.type > 0 && tap.type < DNSTAP_TYPES);
		check_within(tap.query, bytes, size);
		check_within(tap.response, bytes, size);
		check_within(tap.identity, bytes, size);
		check_within(tap.version, bytes, size);
	}
	return fuzz_audit_reader(audit_format_named("dnstap"), bytes, size);
}
