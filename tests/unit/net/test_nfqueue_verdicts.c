#include <arpa/inet.h>
#include <libmnl/libmnl.h>

#include "net/nfqueue_verdicts.h"
/* clang-format off */
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
/* clang-format on */
#include <libnetfilter_queue/libnetfilter_queue.h>

#include "tests/test.h"

static struct nfqueue_verdicts v;

/* What the kernel would read: one letter a message (v: of one packet, b: of all up to it, p: with bytes), its
 * id and mark. */
static const char *written(void)
{
	static char text[512];
	unsigned messages, seen = 0;
	struct view all = nfqueue_verdicts_write(&v, &messages);
	int left = (int)all.size;
	size_t at = 0;
	text[0] = '\0';
	const void *bytes = all.bytes;
	for (const struct nlmsghdr *m = bytes; mnl_nlmsg_ok(m, left);
	     m = mnl_nlmsg_next(m, &left)) {
		struct nlattr *a[NFQA_MAX + 1] = {0};
		assert_true(nfq_nlmsg_parse(m, a) >= 0);
		const struct nfqnl_msg_verdict_hdr *h = mnl_attr_get_payload(a[NFQA_VERDICT_HDR]);
		bool is_batch = (m->nlmsg_type & 0xff) == NFQNL_MSG_VERDICT_BATCH;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%c%u:%u:%x ",
		                       a[NFQA_PAYLOAD] ? 'p'
		                       : is_batch      ? 'b'
		                                       : 'v',
		                       ntohl(h->id), ntohl(h->verdict),
		                       ntohl(mnl_attr_get_u32(a[NFQA_MARK])));
		seen++;
	}
	assert_int_equal(left, 0);
	assert_int_equal(seen, messages);
	return text;
}

static int start(void **state)
{
	(void)state;
	nfqueue_verdicts_init(&v, 5300);
	return 0;
}

static void decide(uint32_t id, enum nfqueue_verdict verdict, uint32_t mark)
{
	struct nfqueue_decision d = {id, mark, (uint8_t)verdict};
	assert_true(nfqueue_verdicts_have_room(&v, 0));
	nfqueue_verdicts_add(&v, &d, (struct view){0});
}

static void packets_of_one_verdict_take_one_message(void **state)
{
	(void)state;
	v.waiting = 5;
	decide(1, NFQUEUE_ACCEPT, 0);
	decide(2, NFQUEUE_ACCEPT, 0);
	decide(3, NFQUEUE_ACCEPT, 0x10);
	decide(4, NFQUEUE_DROP, 0x10);
	decide(5, NFQUEUE_DROP, 0x10);
	assert_string_equal(written(), "b2:1:0 b3:1:10 b5:0:10 ");
}

static void a_packet_that_waits_is_not_spoken_for(void **state)
{
	(void)state;
	v.waiting = 3;
	decide(1, NFQUEUE_ACCEPT, 0);
	decide(3, NFQUEUE_ACCEPT, 0);
	assert_string_equal(written(), "v1:1:0 v3:1:0 ");
	nfqueue_verdicts_clear(&v);
	decide(2, NFQUEUE_DROP, 0);
	assert_string_equal(written(), "b2:0:0 ");
}

static void verdicts_out_of_order_speak_for_one_packet_each(void **state)
{
	(void)state;
	v.waiting = 3;
	decide(3, NFQUEUE_ACCEPT, 0);
	decide(1, NFQUEUE_ACCEPT, 0);
	decide(2, NFQUEUE_ACCEPT, 0);
	assert_string_equal(written(), "v3:1:0 v1:1:0 v2:1:0 ");
}

static void a_run_goes_on_where_ids_begin_again(void **state)
{
	(void)state;
	v.waiting = 3;
	decide(UINT32_MAX, NFQUEUE_ACCEPT, 0);
	decide(0, NFQUEUE_ACCEPT, 0);
	decide(1, NFQUEUE_ACCEPT, 0);
	assert_string_equal(written(), "b1:1:0 ");
}

static void packets_that_replace_others_go_first(void **state)
{
	(void)state;
	v.waiting = 3;
	static const uint8_t bytes[] = "\x45 a packet";
	decide(1, NFQUEUE_ACCEPT, 0);
	struct nfqueue_decision d = {2, 0x20, NFQUEUE_ACCEPT};
	nfqueue_verdicts_add(&v, &d, view_of(bytes, sizeof(bytes)));
	decide(3, NFQUEUE_ACCEPT, 0);
	assert_string_equal(written(), "p2:1:20 b3:1:0 ");
}

static void room_ends_where_it_is_said_to(void **state)
{
	(void)state;
	static const uint8_t bytes[65531];
	struct nfqueue_decision d = {1, 0, NFQUEUE_ACCEPT};
	for (unsigned i = 0; i < NFQUEUE_VERDICTS; i++)
		decide(i + 1, i % 2 ? NFQUEUE_DROP : NFQUEUE_ACCEPT, i);
	assert_false(nfqueue_verdicts_have_room(&v, 0));
	assert_true(nfqueue_verdicts_have_room(&v, sizeof(bytes)));
	nfqueue_verdicts_add(&v, &d, view_of(bytes, sizeof(bytes)));
	assert_false(nfqueue_verdicts_have_room(&v, sizeof(bytes)));
	unsigned messages;
	assert_true(nfqueue_verdicts_write(&v, &messages).size <= sizeof(v.bytes));
	assert_int_equal(messages, NFQUEUE_VERDICTS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(packets_of_one_verdict_take_one_message, start),
		cmocka_unit_test_setup(a_packet_that_waits_is_not_spoken_for, start),
		cmocka_unit_test_setup(verdicts_out_of_order_speak_for_one_packet_each, start),
		cmocka_unit_test_setup(a_run_goes_on_where_ids_begin_again, start),
		cmocka_unit_test_setup(packets_that_replace_others_go_first, start),
		cmocka_unit_test_setup(room_ends_where_it_is_said_to, start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
