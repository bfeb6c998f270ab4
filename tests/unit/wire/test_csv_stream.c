#include <stdlib.h>

#include "base/buffer.h"
#include "tests/test.h"
#include "wire/csv_stream.h"

static int write_row(void *context, const struct view *fields, size_t count)
{
	struct buffer *out = context;
	for (size_t i = 0; i < count; i++) {
		buffer_add_text(out, "<");
		buffer_add_view(out, fields[i]);
		buffer_add_text(out, ">");
	}
	buffer_add_text(out, "|");
	return OK;
}

static void expect(const char *csv, uint8_t separator, const char *rows)
{
	struct csv_stream *s = malloc(sizeof(*s));
	assert_non_null(s);
	for (size_t size = 1; size < strlen(csv) + 2; size++) {
		struct buffer out = {0};
		csv_stream_begin(s, separator, write_row, &out);
		for (size_t at = 0; at < strlen(csv); at += size) {
			struct view rest = view_skip(view_text(csv), at);
			assert_int_equal(
				csv_stream_feed(s, view_of(rest.bytes,
			                                   rest.size < size ? rest.size : size)),
				OK);
		}
		assert_int_equal(csv_stream_end(s), OK);
		buffer_add(&out, "", 1);
		assert_string_equal((const char *)out.bytes, rows);
		buffer_done(&out);
	}
	free(s);
}

static void blocks_of_any_size_give_the_same_rows(void **state)
{
	(void)state;
	expect("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n\n,\"\"\nlast", ',',
	       "<a><b>|<1><x, \"y\"\nz>|<><>|<last>|");
	expect("\xef\xbb\xbf"
	       "a;b\n1;2",
	       ';', "<a><b>|<1><2>|");
}

static void the_first_line_says_what_separates(void **state)
{
	(void)state;
	assert_int_equal(csv_stream_separator(view_text("a;b,c;d\n,,,,")), ';');
	assert_int_equal(csv_stream_separator(view_text("a\tb\n")), '\t');
	assert_int_equal(csv_stream_separator(view_text("\"a;b;c\",d\n")), ',');
}

static void what_has_no_room_is_left_out_and_counted(void **state)
{
	struct buffer out = {0};
	struct csv_stream *s = malloc(sizeof(*s));
	(void)state;
	assert_non_null(s);
	csv_stream_begin(s, ',', write_row, &out);
	for (int i = 0; i < 2 * CSV_FIELDS_MAX; i++)
		assert_int_equal(csv_stream_feed(s, view_text("ab,")), OK);
	assert_int_equal(csv_stream_feed(s, view_text("\nc,d\n")), OK);
	assert_int_equal(s->rows, 2);
	assert_int_equal(s->cut, 1);
	assert_int_equal(out.size, CSV_FIELDS_MAX * 4 + 1 + 7);
	out.size = 0;
	for (int i = 0; i < CSV_ROW_MAX; i++)
		assert_int_equal(csv_stream_feed(s, view_text("abc")), OK);
	assert_int_equal(csv_stream_end(s), OK);
	assert_int_equal(s->cut, 2);
	assert_int_equal(out.size, CSV_ROW_MAX + 3);
	buffer_done(&out);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_any_size_give_the_same_rows),
		cmocka_unit_test(the_first_line_says_what_separates),
		cmocka_unit_test(what_has_no_room_is_left_out_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
