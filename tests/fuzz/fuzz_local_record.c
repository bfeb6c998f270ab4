/* fuzz_local_record.c - a line that an administrator wrote. What is accepted lies in the zone and its data can be
 * walked; what is not has its fault inside the line. */
#include "gate/dns/local_record.h"
#include "tests/gate_dns/fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct local_record record;
	struct local_fault fault = {0};
	struct dname origin = fixture_name("corp.example");
	if (local_record_parse(view_of(bytes, size), &origin, &record, &fault) == OK) {
		if (!dname_is_under(&record.owner, &origin) || record.ttl > LOCAL_TTL_MAX ||
		    record.size > LOCAL_RDATA_MAX)
			abort();
	} else if (!fault.expected || fault.at + fault.word.size > size) {
		abort();
	}
	return 0;
}
