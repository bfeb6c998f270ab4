#include "record/pseudonym.h"
#include "tests/test.h"
#include "tests/unit/record/fixture.h"

#define MONTH_US (31 * INT64_C(86400000000))

static void the_vector_of_rfc_4231_holds(void **state)
{
	(void)state;
	/* test case 2; its key is padded with zeros to 32 bytes, as HMAC itself does */
	static const uint8_t jefe[PSEUDONYM_KEY_SIZE] = {'J', 'e', 'f', 'e'};
	struct pseudonym_key key;
	char text[PSEUDONYM_TEXT_SIZE];
	pseudonym_key_init(&key, jefe);
	/* twice: the key stays as it was */
	for (int i = 0; i < 2; i++)
		assert_string_equal(
			pseudonym_make(&key, view_text("what do ya want for nothing?"), text),
			"5bdcc146bf60754e6a042426089575c7");
}

static void a_subject_keeps_its_name_for_a_month_only(void **state)
{
	(void)state;
	struct fixture f;
	struct pseudonym_keys keys;
	char a[PSEUDONYM_TEXT_SIZE], b[PSEUDONYM_TEXT_SIZE];
	struct stat st;
	char path[400];
	fixture_init(&f);
	assert_int_equal(pseudonym_keys_open(f.path, &keys), OK);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME, view_text("192.0.2.1"), a), OK);
	pseudonym_keys_done(&keys);
	assert_int_equal(pseudonym_keys_open(f.path, &keys), OK);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME + 1, view_text("192.0.2.1"), b), OK);
	assert_string_equal(a, b);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME, view_text("192.0.2.2"), b), OK);
	assert_string_not_equal(a, b);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME + MONTH_US, view_text("192.0.2.1"), b),
	                 OK);
	assert_string_not_equal(a, b);
	(void)snprintf(path, sizeof(path), "%s/2026-01", f.path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	pseudonym_keys_done(&keys);
	fixture_done(&f);
}

static void an_erased_key_is_never_made_again(void **state)
{
	(void)state;
	struct fixture f;
	struct pseudonym_keys keys;
	char text[PSEUDONYM_TEXT_SIZE];
	fixture_init(&f);
	assert_int_equal(pseudonym_keys_open(f.path, &keys), OK);
	assert_int_equal(pseudonym_erase(&keys, "2026-01"), ERR_MISSING);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME, view_text("x"), text), OK);
	assert_int_equal(pseudonym_erase(&keys, "2026-01"), OK);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME, view_text("x"), text), ERR_DENIED);
	assert_int_equal(pseudonym_erase(&keys, "../2026"), ERR_MALFORMED);
	assert_int_equal(pseudonym_erase(&keys, "2026-13"), ERR_MALFORMED);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME + MONTH_US, view_text("x"), text), OK);
	pseudonym_keys_done(&keys);
	fixture_done(&f);
}

static void put(const struct fixture *f, const char *name, const void *bytes, size_t size)
{
	char path[400];
	(void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void a_key_is_read_and_what_is_none_is_told_apart(void **state)
{
	(void)state;
	static const uint8_t zeros[PSEUDONYM_KEY_SIZE];
	struct fixture f;
	struct pseudonym_keys keys;
	struct pseudonym_key key;
	char text[PSEUDONYM_TEXT_SIZE], again[PSEUDONYM_TEXT_SIZE];
	fixture_init(&f);
	assert_int_equal(pseudonym_keys_open(f.path, &keys), OK);
	assert_int_equal(pseudonym_key_read(f.path, "2026-01", &key), ERR_MISSING);
	assert_int_equal(pseudonym_key_read(f.path, "../2026-01", &key), ERR_MALFORMED);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME, view_text("x"), text), OK);
	assert_int_equal(pseudonym_key_read(f.path, "2026-01", &key), OK);
	assert_string_equal(pseudonym_make(&key, view_text("x"), again), text);
	/* an erasure that was cut short between its two writes */
	put(&f, "2026-02", zeros, sizeof(zeros));
	assert_int_equal(pseudonym_key_read(f.path, "2026-02", &key), ERR_DENIED);
	assert_int_equal(pseudonym_of(&keys, FIXTURE_TIME + MONTH_US, view_text("x"), text),
	                 ERR_DENIED);
	put(&f, "2026-03", "short", 5);
	assert_int_equal(pseudonym_key_read(f.path, "2026-03", &key), ERR_INVALID);
	put(&f, "2026-04", "0123456789abcdef0123456789abcdefx", 33);
	assert_int_equal(pseudonym_key_read(f.path, "2026-04", &key), ERR_INVALID);
	assert_int_equal(pseudonym_erase(&keys, "2026-01"), OK);
	assert_int_equal(pseudonym_key_read(f.path, "2026-01", &key), ERR_DENIED);
	assert_int_equal(pseudonym_erase(&keys, "2026-01"), OK);
	pseudonym_keys_done(&keys);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vector_of_rfc_4231_holds),
		cmocka_unit_test(a_subject_keeps_its_name_for_a_month_only),
		cmocka_unit_test(an_erased_key_is_never_made_again),
		cmocka_unit_test(a_key_is_read_and_what_is_none_is_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
