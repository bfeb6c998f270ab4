#include "scan/bun_lockb.h"
#include "tests/test.h"

enum { COUNT = 86, BEGIN = 110, NAMES = 128, SIZE = 256 };

static void put(uint8_t *to, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

/* Three packages: a name that stands where it is, none, and one among the texts. */
static struct view make(uint8_t bytes[static SIZE])
{
	static const char title[] = "\n<u8> 1 sizeof, 1 alignof\n";
	memset(bytes, 0, SIZE);
	memcpy(bytes, "#!/usr/bin/env bun\nbun-lockfile-format-v0\n", 42);
	put(bytes + 42, 3, 4);
	put(bytes + COUNT, 3, 8);
	put(bytes + BEGIN, NAMES, 8);
	memcpy(bytes + NAMES, "seek-sdk", 8);
	put(bytes + NAMES + 16, 3, 4);
	put(bytes + NAMES + 20, 0x80000000U | 9, 4);
	put(bytes + 160, 210, 8);
	put(bytes + 168, 222, 8);
	memcpy(bytes + 176, title, strlen(title));
	memcpy(bytes + 210, "xx @seek/sdk", 12);
	return view_of(bytes, SIZE);
}

static void names_are_read_where_they_stand_and_among_the_texts(void **state)
{
	(void)state;
	uint8_t bytes[SIZE];
	struct bun_lockb b;
	struct view name;
	assert_int_equal(bun_lockb_open(make(bytes), &b), OK);
	assert_true(bun_lockb_next(&b, &name));
	assert_true(view_is(name, "seek-sdk"));
	assert_true(bun_lockb_next(&b, &name));
	assert_true(view_is(name, "@seek/sdk"));
	assert_false(bun_lockb_next(&b, &name));
}

static void a_name_beside_the_texts_is_none(void **state)
{
	(void)state;
	uint8_t bytes[SIZE];
	struct bun_lockb b;
	struct view name;
	struct view all = make(bytes);
	put(bytes + NAMES + 16, 4, 4);
	assert_int_equal(bun_lockb_open(all, &b), OK);
	assert_true(bun_lockb_next(&b, &name));
	assert_false(bun_lockb_next(&b, &name));
}

static void what_lies_outside_is_malformed(void **state)
{
	(void)state;
	uint8_t bytes[SIZE];
	struct bun_lockb b;
	struct view all = make(bytes);
	for (size_t size = 0; size < 202; size++)
		assert_int_equal(bun_lockb_open(view_of(bytes, size), &b), ERR_MALFORMED);
	put(bytes + COUNT, 17, 8);
	assert_int_equal(bun_lockb_open(all, &b), ERR_MALFORMED);
	put(bytes + COUNT, UINT64_MAX, 8);
	assert_int_equal(bun_lockb_open(all, &b), ERR_MALFORMED);
	(void)make(bytes);
	put(bytes + 168, 257, 8);
	assert_int_equal(bun_lockb_open(all, &b), ERR_MALFORMED);
	(void)make(bytes);
	put(bytes + 42, 9, 4);
	assert_int_equal(bun_lockb_open(all, &b), ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_where_they_stand_and_among_the_texts),
		cmocka_unit_test(a_name_beside_the_texts_is_none),
		cmocka_unit_test(what_lies_outside_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
