#include <elf.h>

#include "scan/appimage.h"
#include "tests/test.h"

enum { SIZE = 2048 };

static uint8_t file[SIZE];

static struct byte_source all(void)
{
	return byte_source_of_memory(view_of(file, sizeof(file)));
}

/* A program whose table of `count` sections stands at `at`, and whose last section has that place. */
static void make_wide(uint64_t at, uint16_t count, uint64_t last_at, uint64_t last_size)
{
	Elf64_Ehdr head = {.e_shoff = at, .e_shnum = count, .e_shentsize = sizeof(Elf64_Shdr)};
	Elf64_Shdr last = {.sh_offset = last_at, .sh_size = last_size};
	memset(file, 0, sizeof(file));
	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(file, &head, sizeof(head));
	if (count && at < sizeof(file) && at + count * sizeof(last) <= sizeof(file))
		memcpy(file + at + (count - 1) * sizeof(last), &last, sizeof(last));
}

static void make_narrow(uint32_t at, uint16_t count, uint32_t last_at, uint32_t last_size)
{
	Elf32_Ehdr head = {.e_shoff = at, .e_shnum = count, .e_shentsize = sizeof(Elf32_Shdr)};
	Elf32_Shdr last = {.sh_offset = last_at, .sh_size = last_size};
	memset(file, 0, sizeof(file));
	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS32;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(file, &head, sizeof(head));
	memcpy(file + at + (count - 1) * sizeof(last), &last, sizeof(last));
}

static void an_image_stands_behind_the_table_of_sections(void **state)
{
	(void)state;
	uint64_t at = 0;
	struct byte_source b = all();
	make_wide(512, 3, 100, 50);
	assert_int_equal(appimage_find(&b, &at), OK);
	assert_int_equal(at, 512 + 3 * sizeof(Elf64_Shdr));
	make_narrow(512, 3, 100, 50);
	assert_int_equal(appimage_find(&b, &at), OK);
	assert_int_equal(at, 512 + 3 * sizeof(Elf32_Shdr));
}

static void an_image_stands_behind_a_last_section_that_follows_the_table(void **state)
{
	(void)state;
	uint64_t at = 0;
	struct byte_source b = all();
	make_wide(512, 3, 1000, 24);
	assert_int_equal(appimage_find(&b, &at), OK);
	assert_int_equal(at, 1024);
	make_narrow(512, 3, 1000, 24);
	assert_int_equal(appimage_find(&b, &at), OK);
	assert_int_equal(at, 1024);
}

static void sections_outside_the_file_break_its_format(void **state)
{
	(void)state;
	static const struct {
		uint64_t at;
		uint16_t count;
		uint64_t last_at, last_size;
	} rows[] = {
		{SIZE - 10, 3, 100, 50},
		{UINT64_MAX - 10, 3, 100, 50},
		{512, 3, 100, UINT64_MAX},
		{512, 3, SIZE + 1, 0},
		{512, 0, 0, 0},
	};
	uint64_t at = 77;
	struct byte_source b = all();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		make_wide(rows[i].at, rows[i].count, rows[i].last_at, rows[i].last_size);
		assert_int_equal(appimage_find(&b, &at), ERR_MALFORMED);
	}
	assert_int_equal(at, 77);
}

static void what_is_no_program_has_no_image(void **state)
{
	(void)state;
	uint64_t at = 77;
	struct byte_source b = all();
	memset(file, 'x', sizeof(file));
	assert_int_equal(appimage_find(&b, &at), ERR_MISSING);
	make_wide(512, 3, 100, 50);
	file[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(appimage_find(&b, &at), ERR_MISSING);
	make_wide(512, 3, 100, 50);
	for (size_t size = 0; size < EI_NIDENT; size++) {
		b = byte_source_of_memory(view_of(file, size));
		assert_int_equal(appimage_find(&b, &at), ERR_MISSING);
	}
	for (size_t size = EI_NIDENT; size < 512 + 3 * sizeof(Elf64_Shdr); size++) {
		b = byte_source_of_memory(view_of(file, size));
		assert_int_equal(appimage_find(&b, &at), ERR_MALFORMED);
	}
	assert_int_equal(at, 77);
}

static void its_type_stands_in_its_first_bytes(void **state)
{
	(void)state;
	static const uint8_t script[] = "#!/bin/sh\nAI\2";
	static const struct {
		enum appimage_type type;
		size_t size;
		uint8_t bytes[11];
	} rows[] = {
		{APPIMAGE_IMAGE, 11, {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 'A', 'I', 2}},
		{APPIMAGE_ISO, 11, {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 'A', 'I', 1}},
		{APPIMAGE_PROGRAM, 11, {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 'A', 'I', 3}},
		{APPIMAGE_PROGRAM, 11, {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}},
		{APPIMAGE_NONE, 10, {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 'A', 'I'}},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(appimage_type_of(view_of(rows[i].bytes, rows[i].size)),
		                 rows[i].type);
	assert_int_equal(appimage_type_of(view_of(script, 13)), APPIMAGE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_stands_behind_the_table_of_sections),
		cmocka_unit_test(an_image_stands_behind_a_last_section_that_follows_the_table),
		cmocka_unit_test(sections_outside_the_file_break_its_format),
		cmocka_unit_test(what_is_no_program_has_no_image),
		cmocka_unit_test(its_type_stands_in_its_first_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
