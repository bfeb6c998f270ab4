#include <unistd.h>

#include "daemon/protocol.h"
#include "gate/dns/transport.h"
#include "tests/test.h"

static int pair[2];

static int open_pair(void **state)
{
	(void)state;
	return message_pair(pair);
}

static int close_pair(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void a_notice_survives_the_way(void **state)
{
	(void)state;
	struct notice sent = {.kind = NOTICE_CONFIGURATION,
	                      .time_us = -5,
	                      .subject = view_text("root"),
	                      .detail = view_text("reload"),
	                      .policy = view_text("0123"),
	                      .previous = view_text(""),
	                      .count = 7,
	                      .since_us = -6};
	struct notice got;
	cleanup(message) struct message m = {0};
	assert_int_equal(protocol_send_notice(pair[0], &sent), OK);
	assert_int_equal(message_receive(pair[1], &m), OK);
	assert_true(protocol_allows(&m, false));
	assert_int_equal(protocol_read_notice(&m, &got), OK);
	assert_int_equal(got.kind, NOTICE_CONFIGURATION);
	assert_int_equal(got.time_us, -5);
	assert_true(view_is(got.subject, "root"));
	assert_true(view_is(got.detail, "reload"));
	assert_true(view_is(got.policy, "0123"));
	assert_int_equal(got.previous.size, 0);
	assert_int_equal(got.count, 7);
	assert_int_equal(got.since_us, -6);
	for (uint32_t size = 0; size < m.size; size++) {
		struct message cut = m;
		cut.size = size;
		assert_int_equal(protocol_read_notice(&cut, &got), ERR_MALFORMED);
	}
}

static void a_question_and_its_reply_survive_the_way(void **state)
{
	(void)state;
	uint32_t number;
	struct view request;
	cleanup(message) struct message asked = {0}, answered = {0};
	assert_int_equal(protocol_send_ask(pair[0], 0x01020304, view_text("{}")), OK);
	assert_int_equal(message_receive(pair[1], &asked), OK);
	assert_true(protocol_allows(&asked, false));
	assert_int_equal(protocol_read_ask(&asked, &number, &request), OK);
	assert_int_equal(number, 0x01020304);
	assert_true(view_is(request, "{}"));
	assert_int_equal(protocol_send_reply(pair[1], number, pair[1]), OK);
	assert_int_equal(message_receive(pair[0], &answered), OK);
	assert_true(protocol_allows(&answered, true));
	assert_int_equal(protocol_read_reply(&answered, &number), OK);
	assert_int_equal(number, 0x01020304);
	answered.size = 3;
	assert_int_equal(protocol_read_reply(&answered, &number), ERR_MALFORMED);
}

static void a_side_may_say_only_its_own_messages(void **state)
{
	(void)state;
	struct message stop = {.type = MESSAGE_STOP}, ready = {.type = MESSAGE_READY};
	assert_true(protocol_allows(&stop, false));
	assert_false(protocol_allows(&stop, true));
	assert_true(protocol_allows(&ready, true));
	assert_false(protocol_allows(&ready, false));
	ready.size = 1;
	assert_false(protocol_allows(&ready, true));
	struct message unknown = {.type = MESSAGE_TYPES};
	assert_false(protocol_allows(&unknown, true));
	struct message policy = {.type = MESSAGE_POLICY, .size = 8};
	assert_false(protocol_allows(&policy, false)); /* without its descriptor */
}

static void numbers_and_descriptors_survive_the_way(void **state)
{
	(void)state;
	cleanup(message) struct message m = {0}, n = {0}, o = {0};
	struct listener_message listener;
	struct ring_message ring;
	uint64_t version;
	assert_int_equal(
		protocol_send_listener(pair[0], (struct listener_message){DNS_OVER_TCP, 3}, 0), OK);
	assert_int_equal(message_receive(pair[1], &m), OK);
	assert_true(protocol_allows(&m, false));
	assert_int_equal(protocol_read_listener(&m, &listener), OK);
	assert_int_equal(listener.transport, DNS_OVER_TCP);
	assert_int_equal(listener.worker, 3);
	assert_int_equal(protocol_send_ring(
				 pair[0], (struct ring_message){2, 4096, EVENT_GATE_PACKET}, 0, 1),
	                 OK);
	assert_int_equal(message_receive(pair[1], &n), OK);
	assert_true(protocol_allows(&n, false));
	assert_int_equal(protocol_read_ring(&n, &ring), OK);
	assert_int_equal(ring.capacity, 4096);
	assert_int_equal(ring.gate, EVENT_GATE_PACKET);
	assert_int_equal(protocol_send_version(pair[0], MESSAGE_ADOPTED, UINT64_MAX - 1, -1), OK);
	assert_int_equal(message_receive(pair[1], &o), OK);
	assert_true(protocol_allows(&o, true));
	assert_int_equal(protocol_read_version(&o, &version), OK);
	assert_true(version == UINT64_MAX - 1);
}

static void a_failure_tells_status_and_sentence(void **state)
{
	(void)state;
	cleanup(message) struct message m = {0};
	enum exit_status status;
	struct view sentence;
	assert_int_equal(protocol_send_status(pair[0], MESSAGE_FAILED, EXIT_STATUS_EVIDENCE,
	                                      "the log is truncated"),
	                 OK);
	assert_int_equal(message_receive(pair[1], &m), OK);
	assert_true(protocol_allows(&m, true));
	assert_int_equal(protocol_read_status(&m, &status, &sentence), OK);
	assert_int_equal(status, EXIT_STATUS_EVIDENCE);
	assert_true(view_is(sentence, "the log is truncated"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_notice_survives_the_way, open_pair, close_pair),
		cmocka_unit_test_setup_teardown(a_question_and_its_reply_survive_the_way, open_pair,
	                                        close_pair),
		cmocka_unit_test(a_side_may_say_only_its_own_messages),
		cmocka_unit_test_setup_teardown(numbers_and_descriptors_survive_the_way, open_pair,
	                                        close_pair),
		cmocka_unit_test_setup_teardown(a_failure_tells_status_and_sentence, open_pair,
	                                        close_pair),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
