#include <stdio.h>
#include <stdlib.h>

#include "audit/lines.h"
#include "tests/test.h"

struct reading {
	struct findings_source coverage;
	char example[FINDING_EXAMPLE_SIZE];
	struct audit_context context;
	struct audit_lines lines;
	struct buffer got; /* what was given, with | between runs */
};

static void begin(struct reading *r)
{
	*r = (struct reading){.coverage = findings_source_none()};
	r->context.coverage = &r->coverage;
	r->context.example = r->example;
	audit_lines_init(&r->lines, &r->context);
}

static void take(struct reading *r, struct view block)
{
	for (struct view run; (run = audit_lines_next(&r->lines, &block)).size;) {
		assert_int_equal(run.bytes[run.size - 1], '\n');
		buffer_add_view(&r->got, run);
	}
}

static void end(struct reading *r, const char *expected)
{
	buffer_add_view(&r->got, audit_lines_last(&r->lines));
	assert_false(r->got.failed);
	buffer_add(&r->got, "", 1);
	assert_string_equal((char *)r->got.bytes, expected);
	audit_lines_done(&r->lines);
	buffer_done(&r->got);
}

static void lines_are_the_same_wherever_blocks_are_cut(void **state)
{
	(void)state;
	static const char text[] = "one\n\ntwo two\r\nthree\nrest";
	for (size_t first = 0; first < sizeof(text); first++) {
		for (size_t second = first; second < sizeof(text); second++) {
			struct reading r;
			begin(&r);
			take(&r, view_of(text, first));
			take(&r, view_of(text + first, second - first));
			take(&r, view_of(text + second, sizeof(text) - 1 - second));
			end(&r, text);
		}
	}
}

static void a_line_that_is_too_long_is_counted_and_not_held(void **state)
{
	(void)state;
	enum { BLOCK = 1 << 16 };
	char *block = malloc(BLOCK);
	assert_non_null(block);
	memset(block, 'x', BLOCK);
	struct reading r;
	begin(&r);
	take(&r, view_text("before\nbegin"));
	for (int i = 0; i < 64; i++)
		take(&r, view_of(block, BLOCK));
	assert_true(r.lines.carried.capacity <= 2 * AUDIT_ITEM_MAX);
	take(&r, view_text("\nafter\n"));
	assert_int_equal(r.coverage.items, 1);
	assert_int_equal(r.coverage.not_understood, 1);
	assert_true(view_starts_with(r.coverage.example, view_text("beginxxx")));
	assert_true(r.coverage.example.size < FINDING_EXAMPLE_SIZE);
	end(&r, "before\nafter\n");
	free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_same_wherever_blocks_are_cut),
		cmocka_unit_test(a_line_that_is_too_long_is_counted_and_not_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
