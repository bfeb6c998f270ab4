/* Up to a line of three dashes a mapping, then a source that is read as it says, as audit_reader.h has it. */
#include "audit/log_mapping.h"
#include "tests/fuzz/audit_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_by(const struct log_mapping *m, struct view source)
{
	static struct audit_outcome whole, cut;
	audit_given_format = &m->format;
	audit_read_all(&m->format, source, SIZE_MAX, &whole);
	audit_read_all(&m->format, source, 7, &cut);
	audit_given_format = NULL;
	CHECK(whole.coverage.items == cut.coverage.items);
	CHECK(whole.coverage.not_understood == cut.coverage.not_understood);
	CHECK(whole.coverage.not_understood <= whole.coverage.items);
	CHECK(findings_count(whole.findings) == findings_count(cut.findings));
	findings_free(whole.findings);
	findings_free(cut.findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char mark[] = "\n---\n";
	const uint8_t *end = size ? memmem(bytes, size, mark, sizeof(mark) - 1) : NULL;
	struct arena arena;
	struct problems problems = {0};
	const struct log_mapping *m;
	if (!end)
		return 0;
	arena_init(&arena, 0);
	struct view text = view_of(bytes, (size_t)(end - bytes) + 1);
	int code = log_mapping_read("m", text, &arena, &problems, &m);
	if (code == OK)
		read_by(m, view_skip(view_of(bytes, size), text.size + sizeof(mark) - 2));
	else
		CHECK(problems.count > 0);
	problems_done(&problems);
	arena_done(&arena);
	return 0;
}
