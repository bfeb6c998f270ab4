/* An earlier result, as a person hands it over: it is compared with, or refused. */
#include "finding/result_diff.h"
#include "tests/fuzz/audit_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct result_earlier *e = NULL;
	struct result_diff diff;
	struct subjects subjects = {.mode = SUBJECTS_PLAIN};
	struct findings *f = NULL;
	if (result_earlier_read(view_of(bytes, size), &e) < 0)
		return 0;
	CHECK(findings_new(audit_policy(), 10, &f) == OK);
	struct result now = {.method = "m", .findings = f, .subjects = &subjects};
	int code = result_diff_make(&now, e, &diff);
	CHECK(code == OK || code == ERR_DENIED);
	if (code == OK) {
		struct buffer out = {0};
		struct json_writer j = {.out = &out};
		json_object_begin(&j, NULL);
		result_diff_write_json(&diff, &j);
		json_object_end(&j);
		CHECK(diff.new_count == 0 && diff.still_count == 0);
		buffer_done(&out);
		result_diff_done(&diff);
	}
	findings_free(f);
	return 0;
}
