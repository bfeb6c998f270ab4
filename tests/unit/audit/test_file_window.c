#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file_window.h"
#include "tests/test.h"

enum { SIZE = 1 << 20 };

/* A file of that many letters, which nothing names. */
static int make_file(size_t size)
{
	char path[] = "/tmp/writ-window-XXXXXX";
	char block[4096];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	memset(block, 'a', sizeof(block));
	for (size_t at = 0; at < size; at += sizeof(block))
		assert_int_equal(write(fd, block, sizeof(block)), (ssize_t)sizeof(block));
	return fd;
}

static size_t count_letters(struct view v)
{
	size_t count = 0;
	for (size_t i = 0; i < v.size; i++)
		count += v.bytes[i] == 'a';
	return count;
}

static void a_window_may_begin_anywhere(void **state)
{
	(void)state;
	struct file_window w;
	struct view bytes;
	int fd = make_file(SIZE);
	assert_int_equal(file_window_open(fd, 4097, SIZE - 4097, &w, &bytes), OK);
	assert_int_equal(count_letters(bytes), SIZE - 4097);
	file_window_close(&w);
	assert_false(w.is_cut);
	close(fd);
}

static void a_file_that_is_cut_short_gives_zero_bytes_and_says_so(void **state)
{
	(void)state;
	struct file_window w;
	struct view bytes;
	int fd = make_file(SIZE);
	assert_int_equal(file_window_guard(), OK);
	assert_int_equal(file_window_open(fd, 0, SIZE, &w, &bytes), OK);
	assert_int_equal(ftruncate(fd, SIZE / 2 + 10), 0);
	assert_int_equal(count_letters(bytes), SIZE / 2 + 10);
	file_window_close(&w);
	assert_true(w.is_cut);
	/* and the next window knows nothing of it */
	assert_int_equal(file_window_open(fd, 0, SIZE / 2, &w, &bytes), OK);
	assert_int_equal(count_letters(bytes), SIZE / 2);
	file_window_close(&w);
	assert_false(w.is_cut);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_may_begin_anywhere),
		cmocka_unit_test(a_file_that_is_cut_short_gives_zero_bytes_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
