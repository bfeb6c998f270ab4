#include "base/base64url.h"
#include "tests/test.h"

/* RFC 4648 s10 without padding, and the two digits that URLs have of their own. */
static const struct {
	const char *text, *bytes;
} pairs[] = {
	{"", ""},           {"Zg", "f"},          {"Zm8", "fo"},          {"Zm9v", "foo"},
	{"Zm9vYg", "foob"}, {"Zm9vYmE", "fooba"}, {"Zm9vYmFy", "foobar"}, {"-_8", "\xfb\xff"},
};

static void texts_of_the_standard_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		uint8_t room[16];
		size_t size;
		assert_int_equal(base64url_decode(view_text(pairs[i].text), room, 16, &size), OK);
		assert_int_equal(size, strlen(pairs[i].bytes));
		assert_memory_equal(room, pairs[i].bytes, size);
	}
}

static void what_is_not_the_one_text_of_some_bytes_is_malformed(void **state)
{
	static const char *const texts[] = {"Z",     "Zg==",   "Zh",    "Zm9",   "Zm8+", "Zm8/",
	                                    "Zm 9v", "Zm9v\n", "Zm9vY", "Z\x80", "%5A"};
	uint8_t room[16];
	size_t size;
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(base64url_decode(view_text(texts[i]), room, 16, &size),
		                 ERR_MALFORMED);
}

static void nothing_is_written_beyond_the_room(void **state)
{
	uint8_t room[3] = {1, 2, 3};
	size_t size = 7;
	(void)state;
	assert_int_equal(base64url_decode(view_text("Zm9v"), room, 2, &size), ERR_LIMIT);
	assert_int_equal(size, 7);
	assert_int_equal(base64url_decode(view_text("Zm8"), room, 2, &size), OK);
	assert_int_equal(room[2], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_the_standard_are_read),
		cmocka_unit_test(what_is_not_the_one_text_of_some_bytes_is_malformed),
		cmocka_unit_test(nothing_is_written_beyond_the_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
