#include "base/writer.h"
#include "tests/test.h"
#include "wire/safetensors.h"

static const char model[] =
	"{\"__metadata__\":{\"format\":\"pt\",\"title\":\"a \\\"b\\\" \\u4f9d\"},"
	" \"model.embed.weight\": {\"dtype\":\"BF16\",\"shape\":[1,2],\"x\":\"}\"},"
	"\"lm_head.weight\":{}}  ";

static uint8_t room[4096];

/* The text as the header of a file; `claimed` bytes by its own word. */
static struct view make_file(const char *json, size_t claimed)
{
	struct writer w = writer_open(room, sizeof(room));
	write_uint(&w, __builtin_bswap64(claimed), 8);
	write_view(&w, view_text(json));
	return view_of(room, writer_size(&w));
}

/* Returns how the scan ends, and counts the items of both kinds. */
static int scan(struct view file, unsigned counts[static 2])
{
	struct safetensors s;
	struct safetensors_item item;
	counts[0] = counts[1] = 0;
	int r = safetensors_open(file, &s);
	while (r >= 0 && (r = safetensors_next(&s, &item)) > 0)
		counts[item.kind]++;
	return r;
}

static void metadata_and_names_come_in_order(void **state)
{
	(void)state;
	static const struct safetensors_item expected[] = {
		{SAFETENSORS_METADATA, {(const uint8_t *)"format", 6}, {(const uint8_t *)"pt", 2}},
		{SAFETENSORS_METADATA,
	         {(const uint8_t *)"title", 5},
	         {(const uint8_t *)"a \\\"b\\\" \\u4f9d", 14}},
		{SAFETENSORS_TENSOR,
	         {(const uint8_t *)"model.embed.weight", 18},
	         {(const uint8_t *)"{\"dtype\":\"BF16\",\"shape\":[1,2],\"x\":\"}\"}", 38}},
		{SAFETENSORS_TENSOR,
	         {(const uint8_t *)"lm_head.weight", 14},
	         {(const uint8_t *)"{}", 2}},
	};
	struct safetensors s;
	struct safetensors_item item;
	assert_int_equal(safetensors_open(make_file(model, strlen(model)), &s), OK);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(safetensors_next(&s, &item), 1);
		assert_int_equal(item.kind, expected[i].kind);
		assert_true(view_equal(item.key, expected[i].key));
		assert_true(view_equal(item.value, expected[i].value));
	}
	assert_int_equal(safetensors_next(&s, &item), 0);
	assert_int_equal(safetensors_next(&s, &item), 0);
}

static void a_prefix_gives_what_it_has_and_is_truncated(void **state)
{
	(void)state;
	struct view file = make_file(model, strlen(model));
	size_t spaces = 2;
	unsigned counts[2], last = 0;
	for (size_t size = 0; size < file.size - spaces; size++) {
		assert_int_equal(scan(view_of(file.bytes, size), counts), ERR_TRUNCATED);
		assert_true(counts[0] + counts[1] >= last);
		last = counts[0] + counts[1];
	}
	assert_int_equal(last, 4);
}

static void a_header_that_ends_early_is_malformed(void **state)
{
	(void)state;
	unsigned counts[2];
	for (size_t claimed = 0; claimed < strlen(model) - 2; claimed++)
		assert_int_equal(scan(make_file(model, claimed), counts), ERR_MALFORMED);
}

static void what_is_no_header_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"[]",
	                                  " {}",
	                                  "{\"a\":1}",
	                                  "{\"a\":{},}",
	                                  "{\"a\" {}}",
	                                  "{}x",
	                                  "{,\"a\":{}}",
	                                  "{\"a\":{}\"b\":{}}",
	                                  "{\"a\nb\":{}}",
	                                  "{\"__metadata__\":{\"a\":1}}",
	                                  "{\"__metadata__\":\"a\"}"};
	unsigned counts[2];
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(scan(make_file(bad[i], strlen(bad[i])), counts), ERR_MALFORMED);
	assert_int_equal(scan(make_file("{}", 100000001), counts), ERR_LIMIT);
	assert_int_equal(scan(make_file("{}", 2), counts), OK);
}

static void escapes_are_undone(void **state)
{
	(void)state;
	static const struct {
		const char *text, *plain;
	} cases[] = {
		{"plain", "plain"},
		{"a\\n\\t\\\"\\\\\\/", "a\n\t\"\\/"},
		{"\\u0041\\u00e9\\u4f9D", "A\xc3\xa9\xe4\xbe\x9d"},
		{"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
		{"\\ud83dx\\ude00", "\xef\xbf\xbdx\xef\xbf\xbd"},
	};
	uint8_t out[64];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view text = view_text(cases[i].text);
		int size = safetensors_unescape(text, out, text.size);
		assert_int_equal(size, strlen(cases[i].plain));
		assert_memory_equal(out, cases[i].plain, size);
	}
	assert_int_equal(safetensors_unescape(view_text("\\x"), out, 64), ERR_MALFORMED);
	assert_int_equal(safetensors_unescape(view_text("\\"), out, 64), ERR_MALFORMED);
	assert_int_equal(safetensors_unescape(view_text("\\u12g4"), out, 64), ERR_MALFORMED);
	assert_int_equal(safetensors_unescape(view_text("abc"), out, 2), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_and_names_come_in_order),
		cmocka_unit_test(a_prefix_gives_what_it_has_and_is_truncated),
		cmocka_unit_test(a_header_that_ends_early_is_malformed),
		cmocka_unit_test(what_is_no_header_is_refused),
		cmocka_unit_test(escapes_are_undone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
