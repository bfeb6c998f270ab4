#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/proc_socket.h"
#include "tests/test.h"

static void lines_of_the_kernel_are_read(void **state)
{
	struct proc_socket s;
	char text[ADDRESS_TEXT_SIZE];
	(void)state;
	assert_int_equal(
		proc_socket_parse(
			view_text(
				"   0: 0100007F:0C08 00000000:0000 0A 00000000:00000000 00:00000000 "
				"00000000  1000        0 12345 1 0000 100 0 0 10 0"),
			false, &s),
		OK);
	assert_string_equal(address_print(&s.local, text), "127.0.0.1");
	assert_int_equal(s.local_port, 3080);
	assert_int_equal(s.state, PROC_LISTEN);
	assert_int_equal(s.inode, 12345);
	assert_int_equal(
		proc_socket_parse(
			view_text("  1: 0000000000000000FFFF00000100A8C0:1F90 "
	                          "B80D01200000000000000000010000FF:01BB 01 0:0 0:0 0 0 0 7 1"),
			true, &s),
		OK);
	assert_string_equal(address_print(&s.local, text), "192.168.0.1");
	assert_string_equal(address_print(&s.remote, text), "2001:db8::ff00:1");
	assert_int_equal(s.remote_port, 443);
	assert_int_equal(s.state, PROC_ESTABLISHED);
}

static void other_lines_are_malformed(void **state)
{
	static const char *const lines[] = {
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
		"", "0: 0100007F:0C08", "0: 0100007G:0C08 00000000:0000 0A 0:0 0:0 0 0 0 1",
		"0: 0100007F:0C08 00000000:0000 0A 0:0 0:0 0 0 0 x"};
	struct proc_socket s;
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(proc_socket_parse(view_text(lines[i]), false, &s), ERR_MALFORMED);
}

static void put_link(const char *folder, size_t number)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/7/fd/%zu", folder, number);
	/* every other is of a file */
	assert_int_equal(symlink(number % 2 ? "socket:[12345]" : "/srv/12345", path), 0);
}

static void count(void *context, const struct proc_socket *s)
{
	size_t *seen = context;
	assert_int_equal(s->inode, 12345);
	++*seen;
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *level)
{
	(void)s;
	(void)type;
	(void)level;
	return remove(path);
}

static void what_a_process_has_open_is_met_to_a_limit(void **state)
{
	char folder[] = "/tmp/writ-proc-socket-XXXXXX", path[256];
	struct proc_socket row = {.inode = 12345};
	struct proc_sockets sockets = {.rows = &row, .count = 1};
	size_t seen = 0;
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(proc_sockets_each(&sockets, folder, "7", count, &seen), -ENOENT);
	(void)snprintf(path, sizeof(path), "%s/7", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/7/fd", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < 4; i++)
		put_link(folder, i);
	assert_int_equal(proc_sockets_each(&sockets, folder, "7", count, &seen), OK);
	assert_int_equal(seen, 2);
	for (size_t i = 4; i <= PROC_FDS_MAX; i++)
		put_link(folder, i);
	assert_int_equal(proc_sockets_each(&sockets, folder, "7", count, &seen), ERR_LIMIT);
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_kernel_are_read),
		cmocka_unit_test(other_lines_are_malformed),
		cmocka_unit_test(what_a_process_has_open_is_met_to_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
