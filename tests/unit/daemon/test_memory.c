#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/memory.h"
#include "tests/test.h"

static void two_mappings_see_the_same_bytes(void **state)
{
	(void)state;
	cleanup(memory) struct memory a = MEMORY_NONE, b = MEMORY_NONE;
	assert_int_equal(memory_create("test", 4096, &a), OK);
	assert_int_equal(memory_open(dup(a.fd), &b), OK);
	assert_int_equal(b.size, 4096);
	memcpy(a.bytes, "hello", 5);
	assert_memory_equal(b.bytes, "hello", 5);
}

static void nobody_can_change_the_size(void **state)
{
	(void)state;
	cleanup(memory) struct memory a = MEMORY_NONE;
	assert_int_equal(memory_create("test", 4096, &a), OK);
	assert_int_equal(ftruncate(a.fd, 0), -1);
	assert_int_equal(ftruncate(a.fd, 8192), -1);
}

static void a_copy_cannot_be_written(void **state)
{
	(void)state;
	cleanup(memory) struct memory a = MEMORY_NONE, b = MEMORY_NONE;
	assert_int_equal(memory_copy("test", view_text("policy"), &a), OK);
	assert_true(view_is(memory_view(&a), "policy"));
	assert_int_equal(write(a.fd, "x", 1), -1);
	assert_int_equal(memory_open(dup(a.fd), &b), -EPERM);
	assert_int_equal(memory_open_sealed(dup(a.fd), &b), OK);
	assert_true(view_is(memory_view(&b), "policy"));
}

static void what_could_still_be_written_is_not_taken_as_sealed(void **state)
{
	(void)state;
	cleanup(memory) struct memory a = MEMORY_NONE, b = MEMORY_NONE;
	assert_int_equal(memory_create("test", 4096, &a), OK);
	assert_int_equal(memory_open_sealed(dup(a.fd), &b), ERR_INVALID);
	assert_int_equal(memory_open_sealed(-1, &b), -EBADF);
}

static void a_file_is_taken_whole_or_not_at_all(void **state)
{
	(void)state;
	cleanup(memory) struct memory a = MEMORY_NONE;
	char path[] = "/tmp/writ-memory-XXXXXX";
	cleanup(fd) int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(memory_read_file("test", path, 6, &a), ERR_TRUNCATED);
	assert_int_equal(write(fd, "policy", 6), 6);
	assert_int_equal(memory_read_file("test", path, 5, &a), ERR_LIMIT);
	assert_int_equal(memory_read_file("test", path, 6, &a), OK);
	assert_int_equal(unlink(path), 0);
	assert_true(view_is(memory_view(&a), "policy"));
	assert_int_equal(write(a.fd, "x", 1), -1);
	memory_close(&a);
	assert_int_equal(memory_read_file("test", path, 6, &a), -ENOENT);
	assert_int_equal(memory_read_file("test", "/dev/zero", 6, &a), ERR_INVALID);
}

static void an_empty_file_is_no_memory(void **state)
{
	(void)state;
	cleanup(memory) struct memory a = MEMORY_NONE;
	assert_int_equal(memory_open(memfd_create("empty", MFD_CLOEXEC), &a), ERR_TRUNCATED);
	assert_int_equal(memory_open(-1, &a), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_mappings_see_the_same_bytes),
		cmocka_unit_test(nobody_can_change_the_size),
		cmocka_unit_test(a_copy_cannot_be_written),
		cmocka_unit_test(what_could_still_be_written_is_not_taken_as_sealed),
		cmocka_unit_test(a_file_is_taken_whole_or_not_at_all),
		cmocka_unit_test(an_empty_file_is_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
