#include <stdio.h>

#include "scan/rpm_database.h"
#include "tests/test.h"

enum { PAGE = 512, PAGES = 8, HEAD = 26 };

static uint8_t file[16384];
static char told[256];
static uint64_t damaged;

static int on_header(void *context, struct view header)
{
	(void)context;
	size_t size = strlen(told);
	int shown = header.size < 8 ? (int)header.size : 8;
	(void)snprintf(told + size, sizeof(told) - size, "%zu:%.*s ", header.size, shown,
	               (const char *)header.bytes);
	return OK;
}

static int read_all(size_t size)
{
	struct byte_source b = byte_source_of_memory(view_of(file, size));
	told[0] = '\0';
	damaged = 0;
	return rpm_database_read(&b, on_header, NULL, &damaged);
}

static void put(size_t at, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		file[at + i] = (uint8_t)(value >> 8 * i);
}

/* A page of two items: the number of a package, and what is given. */
static void put_pair(size_t page, const void *item, size_t size)
{
	size_t at = page * PAGE;
	file[at + 25] = 13;
	put(at + 20, 2, 2);
	put(at + HEAD, PAGE - 5, 2);
	put(at + HEAD + 2, (uint32_t)(PAGE - 5 - size), 2);
	file[at + PAGE - 5] = 1;
	memcpy(file + at + PAGE - 5 - size, item, size);
}

static void put_overflow(size_t page, uint32_t next, const char *bytes, size_t size)
{
	size_t at = page * PAGE;
	file[at + 25] = 7;
	put(at + 16, next, 4);
	put(at + 22, (uint32_t)size, 2);
	memset(file + at + HEAD, bytes[0], size);
	memcpy(file + at + HEAD, bytes, strlen(bytes));
}

static void put_far(size_t page, uint32_t first, uint32_t size)
{
	uint8_t item[12] = {3};
	for (size_t i = 0; i < 4; i++) {
		item[4 + i] = (uint8_t)(first >> 8 * i);
		item[8 + i] = (uint8_t)(size >> 8 * i);
	}
	put_pair(page, item, sizeof(item));
}

static int set_up(void **state)
{
	(void)state;
	memset(file, 0, sizeof(file));
	put(12, 0x061561, 4);
	put(20, PAGE, 4);
	file[25] = 8;
	return 0;
}

static void a_header_on_its_page_and_one_on_further_pages_are_read(void **state)
{
	(void)state;
	put_pair(1, "\1first-header-0000", 18);
	put_far(2, 4, 486 + 10);
	put_overflow(4, 5, "second", 486);
	put_overflow(5, 0, "x", 10);
	assert_int_equal(read_all(PAGES * PAGE), OK);
	assert_string_equal(told, "17:first-he 496:secondss ");
	assert_int_equal(damaged, 0);
}

static void the_other_order_of_bytes_is_read(void **state)
{
	(void)state;
	static const size_t four[] = {12, 20, 2 * PAGE + 16};
	put_pair(1, "\1first-header-0000", 18);
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 2; k++) {
			uint8_t c = file[four[i] + k];
			file[four[i] + k] = file[four[i] + 3 - k];
			file[four[i] + 3 - k] = c;
		}
	}
	for (size_t at = PAGE + 20; at < PAGE + HEAD + 4; at += at == PAGE + 20 ? 6 : 2) {
		uint8_t c = file[at];
		file[at] = file[at + 1];
		file[at + 1] = c;
	}
	assert_int_equal(read_all(PAGES * PAGE), OK);
	assert_string_equal(told, "17:first-he ");
}

static void the_number_of_the_next_package_is_no_header(void **state)
{
	(void)state;
	put_pair(1, "\1\7\0\0\0", 5);
	assert_int_equal(read_all(PAGES * PAGE), OK);
	assert_string_equal(told, "");
	assert_int_equal(damaged, 0);
}

static void pages_that_lead_to_each_other_are_damaged_and_the_rest_is_read(void **state)
{
	(void)state;
	put_far(1, 4, 30000);
	put_overflow(4, 5, "a", 20);
	put_overflow(5, 4, "b", 20);
	put_pair(2, "\1other-header-0000", 18);
	assert_int_equal(read_all(PAGES * PAGE), OK);
	assert_true(damaged >= 1);
	put_far(1, 0, 100);
	assert_int_equal(read_all(PAGES * PAGE), OK);
	assert_string_equal(told, "17:other-he ");
	put_far(1, 4000000, 100);
	assert_int_equal(read_all(PAGES * PAGE), OK);
	assert_string_equal(told, "17:other-he ");
	assert_int_equal(damaged, 1);
}

static void a_page_size_that_cannot_be_is_refused(void **state)
{
	(void)state;
	static const uint32_t sizes[] = {0, 256, 513, 131072, 0xffffffff};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		put(20, sizes[i], 4);
		assert_int_equal(read_all(PAGES * PAGE), ERR_MALFORMED);
	}
}

static void put_ndb(uint32_t pages)
{
	memset(file, 0, sizeof(file));
	memcpy(file, "RpmP", 4);
	put(12, pages, 4);
	for (size_t at = 32; at < 4096; at += 16)
		memcpy(file + at, "Slot", 4);
}

static void put_blob(size_t slot, uint32_t package, uint32_t block, const char *text)
{
	size_t at = (size_t)block * 16;
	put(slot * 16 + 4, package, 4);
	put(slot * 16 + 8, block, 4);
	put(slot * 16 + 12, 3, 4);
	memcpy(file + at, "BlbS", 4);
	put(at + 4, package, 4);
	put(at + 12, (uint32_t)strlen(text), 4);
	memcpy(file + at + 16, text, strlen(text));
}

static void ndb_is_read_slot_by_slot(void **state)
{
	(void)state;
	put_ndb(1);
	put_blob(2, 1, 256, "one");
	put_blob(5, 7, 260, "seven");
	assert_int_equal(read_all(8192), OK);
	assert_string_equal(told, "3:one 5:seven ");
	assert_int_equal(damaged, 0);
}

static void a_blob_of_another_package_or_beyond_its_room_is_damaged(void **state)
{
	(void)state;
	put_ndb(1);
	put_blob(2, 1, 256, "one");
	put_blob(3, 2, 260, "two");
	put(260 * 16 + 4, 9, 4);
	put_blob(4, 3, 264, "three");
	put(264 * 16 + 12, 33, 4);
	put_blob(5, 4, 268, "four");
	assert_int_equal(read_all(8192), OK);
	assert_string_equal(told, "3:one 4:four ");
	assert_int_equal(damaged, 2);
}

static void slots_beyond_the_file_are_refused(void **state)
{
	(void)state;
	put_ndb(3);
	assert_int_equal(read_all(8192), ERR_MALFORMED);
	put_ndb(0xffffffff);
	assert_int_equal(read_all(8192), ERR_MALFORMED);
	put_ndb(0);
	assert_int_equal(read_all(8192), ERR_MALFORMED);
}

static void what_is_neither_is_no_database(void **state)
{
	(void)state;
	memset(file, 0, sizeof(file));
	assert_int_equal(read_all(8192), ERR_INVALID);
	assert_int_equal(read_all(0), ERR_INVALID);
	assert_int_equal(read_all(40), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_header_on_its_page_and_one_on_further_pages_are_read,
	                               set_up),
		cmocka_unit_test_setup(the_other_order_of_bytes_is_read, set_up),
		cmocka_unit_test_setup(the_number_of_the_next_package_is_no_header, set_up),
		cmocka_unit_test_setup(
			pages_that_lead_to_each_other_are_damaged_and_the_rest_is_read, set_up),
		cmocka_unit_test_setup(a_page_size_that_cannot_be_is_refused, set_up),
		cmocka_unit_test(ndb_is_read_slot_by_slot),
		cmocka_unit_test(a_blob_of_another_package_or_beyond_its_room_is_damaged),
		cmocka_unit_test(slots_beyond_the_file_are_refused),
		cmocka_unit_test(what_is_neither_is_no_database),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
