#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/listen.h"
#include "tests/test.h"

static const struct endpoint loopback = {.family = ADDRESS_V4, .bytes = {127, 0, 0, 1}};
static const struct listen_options plain;

static void workers_share_one_port(void **state)
{
	(void)state;
	for (int transport = LISTEN_UDP; transport <= LISTEN_TCP; transport++) {
		int fds[3];
		assert_int_equal(
			listen_open(&loopback, (enum listen_transport)transport, &plain, 3, fds),
			OK);
		int port = listen_port(fds[0]);
		assert_true(port > 0);
		assert_int_equal(listen_port(fds[1]), port);
		assert_int_equal(listen_port(fds[2]), port);
		for (int i = 0; i < 3; i++)
			close(fds[i]);
	}
}

static void a_port_in_use_is_noticed_even_if_the_other_would_share_it(void **state)
{
	(void)state;
	for (int transport = LISTEN_UDP; transport <= LISTEN_TCP; transport++) {
		int first, second = -1;
		struct endpoint at = loopback;
		assert_int_equal(
			listen_open(&at, (enum listen_transport)transport, &plain, 1, &first), OK);
		at.port = (uint16_t)listen_port(first);
		int code = listen_open(&at, (enum listen_transport)transport, &plain, 1, &second);
		assert_int_equal(code, -EADDRINUSE);
		assert_int_equal(second, -1);
		close(first);
	}
}

static void a_wildcard_udp_socket_tells_where_a_packet_was_sent_to(void **state)
{
	(void)state;
	struct endpoint any = {.family = ADDRESS_V4};
	int fd, value = 0;
	socklen_t size = sizeof(value);
	assert_int_equal(listen_open(&any, LISTEN_UDP, &plain, 1, &fd), OK);
	assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_PKTINFO, &value, &size), 0);
	assert_int_equal(value, 1);
	close(fd);
}

static void the_reason_is_one_clear_sentence(void **state)
{
	(void)state;
	char text[LISTEN_TEXT_SIZE];
	struct endpoint at = loopback;
	at.port = 53;
	assert_string_equal(
		listen_explain(&at, LISTEN_UDP, -EADDRINUSE, text),
		"cannot listen on 127.0.0.1:53 (udp): the port is in use by another program");
	assert_string_equal(listen_explain(&at, LISTEN_TCP, -EACCES, text),
	                    "cannot listen on 127.0.0.1:53 (tcp): not permitted: a port below 1024 "
	                    "needs root or the capability net_bind_service");
	struct endpoint elsewhere = {.family = ADDRESS_V4, .bytes = {192, 0, 2, 1}};
	int fd;
	assert_int_equal(listen_open(&elsewhere, LISTEN_UDP, &plain, 1, &fd), -EADDRNOTAVAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_share_one_port),
		cmocka_unit_test(a_port_in_use_is_noticed_even_if_the_other_would_share_it),
		cmocka_unit_test(a_wildcard_udp_socket_tells_where_a_packet_was_sent_to),
		cmocka_unit_test(the_reason_is_one_clear_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
