/* Lines that a command hands over: what is taken is an entry of one of three kinds, one of them alone, with the time that it was given. */
#include "record/submission.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct view rest = view_of(bytes, size);
	size_t count = 0;
	bool is_good = submission_check(rest, &count) == OK;
	for (size_t i = 0; is_good && i < count; i++) {
		struct buffer out = {0};
		struct entry e;
		CHECK(submission_next(&rest, 5, &out) == OK);
		CHECK(entry_parse(buffer_view(&out), &e, NULL) == OK);
		CHECK(e.kind == ENTRY_AUDIT || e.kind == ENTRY_FINDING ||
		      (e.kind == ENTRY_ERASE && count == 1));
		CHECK(e.time_us == 5);
		buffer_done(&out);
	}
	CHECK(!is_good || rest.size == 0);
	return 0;
}
