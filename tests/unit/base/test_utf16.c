#include "base/utf16.h"
#include "tests/test.h"

static void bytes_of(const uint16_t *units, size_t count, bool is_big, uint8_t *to)
{
	for (size_t i = 0; i < count; i++) {
		to[2 * i + is_big] = (uint8_t)units[i];
		to[2 * i + !is_big] = (uint8_t)(units[i] >> 8);
	}
}

/* Whatever the sizes of blocks and of the room are. */
static void expect(const uint16_t *units, size_t count, const char *text)
{
	uint8_t bytes[64], got[64];
	for (int is_big = 0; is_big < 2; is_big++) {
		bytes_of(units, count, is_big, bytes);
		for (size_t block = 1; block <= count * 2; block++) {
			for (size_t room = 1; room < 8; room++) {
				struct utf16 u;
				size_t size = 0, part;
				assert_true(utf16_begin(view_of(bytes, count * 2), &u));
				struct view rest = view_of(bytes, count * 2);
				while (rest.size) {
					struct view in = view_of(
						rest.bytes, rest.size < block ? rest.size : block);
					rest = view_skip(rest, in.size);
					do {
						part = utf16_decode(&u, &in, got + size, room);
						size += part;
					} while (part == room);
					assert_int_equal(in.size, 0);
				}
				assert_int_equal(size, strlen(text));
				assert_memory_equal(got, text, size);
			}
		}
	}
}

static void text_is_the_same_text(void **state)
{
	static const uint16_t units[] = {0xfeff, 'a', 0xe4, 0x4e0b, 0xd83d, 0xde00, 0xfeff, '\n'};
	(void)state;
	expect(units, 8, "a\xc3\xa4\xe4\xb8\x8b\xf0\x9f\x98\x80\xef\xbb\xbf\n");
}

static void half_a_pair_is_a_character_that_is_not_known(void **state)
{
	static const uint16_t units[] = {0xfeff, 0xd83d, 'a', 0xde00, 0xd83d, 0xd83d, 0xde00};
	(void)state;
	expect(units, 7,
	       "\xef\xbf\xbd"
	       "a"
	       "\xef\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80");
}

static void without_a_mark_it_is_no_text_of_utf16(void **state)
{
	struct utf16 u;
	(void)state;
	assert_false(utf16_begin(view_of("a\0b\0", 4), &u));
	assert_false(utf16_begin(view_of("\xff", 1), &u));
	assert_false(utf16_begin((struct view){0}, &u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_the_same_text),
		cmocka_unit_test(half_a_pair_is_a_character_that_is_not_known),
		cmocka_unit_test(without_a_mark_it_is_no_text_of_utf16),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
