#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "net/message.h"
#include "tests/test.h"

static void a_message_arrives_as_it_was_sent(void **state)
{
	(void)state;
	int pair[2];
	assert_int_equal(message_pair(pair), OK);
	assert_int_equal(message_send(pair[0], 7, view_text("hello"), NULL, 0), OK);
	cleanup(message) struct message m = {0};
	assert_int_equal(message_receive(pair[1], &m), OK);
	assert_int_equal(m.type, 7);
	assert_true(view_is(message_view(&m), "hello"));
	assert_int_equal(m.fd_count, 0);
	close(pair[0]);
	close(pair[1]);
}

static void descriptors_travel_and_are_closed_on_exec(void **state)
{
	(void)state;
	int pair[2], pipe_ends[2];
	assert_int_equal(message_pair(pair), OK);
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(message_send(pair[0], 1, view_of(NULL, 0), pipe_ends, 2), OK);
	cleanup(message) struct message m = {0};
	assert_int_equal(message_receive(pair[1], &m), OK);
	assert_int_equal(m.fd_count, 2);
	cleanup(fd) int in = message_take_fd(&m, 0);
	cleanup(fd) int out = message_take_fd(&m, 1);
	assert_int_equal(message_take_fd(&m, 2), -1);
	assert_true(fcntl(in, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(out, "x", 1), 1);
	char byte = 0;
	assert_int_equal(read(in, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	close(pair[0]);
	close(pair[1]);
}

static void descriptors_that_nobody_takes_are_closed(void **state)
{
	(void)state;
	int pair[2], pipe_ends[2];
	assert_int_equal(message_pair(pair), OK);
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(message_send(pair[0], 1, view_of(NULL, 0), &pipe_ends[1], 1), OK);
	close(pipe_ends[1]);
	struct message m = {0};
	assert_int_equal(message_receive(pair[1], &m), OK);
	message_done(&m);
	char byte;
	assert_int_equal(read(pipe_ends[0], &byte, 1), 0); /* no writer is left */
	close(pipe_ends[0]);
	close(pair[0]);
	close(pair[1]);
}

static void a_malformed_packet_is_refused_with_its_descriptors(void **state)
{
	(void)state;
	int pair[2], many[MESSAGE_FDS_MAX + 1];
	assert_int_equal(message_pair(pair), OK);
	struct message m = {0};
	assert_int_equal(send(pair[0], "abc", 3, 0), 3);
	assert_int_equal(message_receive(pair[1], &m), ERR_MALFORMED);
	for (size_t i = 0; i < MESSAGE_FDS_MAX + 1; i++)
		many[i] = pair[0];
	assert_int_equal(message_send(pair[0], 1, view_of(NULL, 0), many, MESSAGE_FDS_MAX + 1),
	                 ERR_LIMIT);
	uint8_t large[MESSAGE_HEADER_SIZE + MESSAGE_BYTES_MAX + 1] = {0};
	assert_int_equal(send(pair[0], large, sizeof(large), 0), sizeof(large));
	assert_int_equal(message_receive(pair[1], &m), ERR_MALFORMED);
	assert_int_equal(message_send(pair[0], 1, view_of(large, MESSAGE_BYTES_MAX + 1), NULL, 0),
	                 ERR_LIMIT);
	close(pair[0]);
	close(pair[1]);
}

static void an_end_that_is_gone_is_told_apart(void **state)
{
	(void)state;
	int pair[2];
	assert_int_equal(message_pair(pair), OK);
	close(pair[0]);
	struct message m = {0};
	assert_int_equal(message_receive(pair[1], &m), ERR_MISSING);
	assert_int_equal(message_send(pair[1], 1, view_text("x"), NULL, 0), ERR_MISSING);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_as_it_was_sent),
		cmocka_unit_test(descriptors_travel_and_are_closed_on_exec),
		cmocka_unit_test(descriptors_that_nobody_takes_are_closed),
		cmocka_unit_test(a_malformed_packet_is_refused_with_its_descriptors),
		cmocka_unit_test(an_end_that_is_gone_is_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
