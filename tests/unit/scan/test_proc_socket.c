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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_kernel_are_read),
		cmocka_unit_test(other_lines_are_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
