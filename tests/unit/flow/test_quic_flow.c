#include "flow/quic_flow.h"
#include "tests/quic_seal.h"
#include "tests/test.h"

enum { V1 = 0x00000001, V2 = 0x6b3343cf, HELLO_SIZE = 600, LIMIT = 256 };

struct fixture {
	struct quic_flow flow;
	struct quic_work *work;
	_Alignas(8) uint8_t room[QUIC_FLOW_ROOM];
	uint8_t hello[HELLO_SIZE], other[HELLO_SIZE]; /* which differ in some bytes in the middle */
	uint64_t number;
};

/* What quic_flow_hellos() gave. */
struct heard {
	const struct fixture *f;
	unsigned hellos, others, mixtures, parts;
};

static const uint8_t id_a[8] = "aaaaaaaa", id_b[20] = "bbbbbbbbbbbbbbbbbbbb", id_server[4] = "serv";

static void fill(uint8_t *hello, const char *name)
{
	for (size_t i = 0; i < HELLO_SIZE; i++)
		hello[i] = (uint8_t)(i * 7);
	memcpy(hello, "\x01\0\x02\x54", 4); /* 596 bytes of body */
	memcpy(hello + 300, name, 16);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	if (!f || quic_work_new(&f->work))
		return -1;
	quic_flow_init(&f->flow, f->room, sizeof(f->room));
	fill(f->hello, "www.example.org.");
	fill(f->other, "bad.example.com.");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	quic_work_free(f->work);
	free(f);
	return 0;
}

static struct view part(const uint8_t *hello, size_t from, size_t to)
{
	return view_of(hello + from, to - from);
}

static bool hear(void *context, const struct quic_hello *hello)
{
	struct heard *h = context;
	if (!hello->is_whole)
		h->parts++;
	else if (view_equal(hello->body, part(h->f->hello, 4, HELLO_SIZE)))
		h->hellos++;
	else if (view_equal(hello->body, part(h->f->other, 4, HELLO_SIZE)))
		h->others++;
	else
		h->mixtures++;
	return true;
}

static struct heard expect_heard(struct fixture *f, int code)
{
	struct heard h = {.f = f};
	assert_int_equal(quic_flow_hellos(&f->flow, f->work, LIMIT, hear, &h), code);
	return h;
}

/* An Initial of the client with the next number. */
static struct seal initial(struct fixture *f, struct view dcid)
{
	return (struct seal){.version = V1, .dcid = dcid, .number = f->number++, .number_size = 1};
}

static enum quic_flow_news send_sealed(struct fixture *f, const struct seal *s)
{
	static uint8_t packet[2048];
	return quic_flow_client(&f->flow, f->work, seal_initial(s, packet, sizeof(packet)));
}

static enum quic_flow_news send_as(struct fixture *f, struct seal s, uint32_t offset,
                                   struct view data)
{
	uint8_t frames[1024];
	struct writer w = writer_open(frames, sizeof(frames));
	seal_crypto(&w, offset, data);
	s.frames = view_of(frames, writer_size(&w));
	return send_sealed(f, &s);
}

static enum quic_flow_news send_part(struct fixture *f, const uint8_t *hello, size_t from,
                                     size_t to)
{
	return send_as(f, initial(f, view_of(id_a, 8)), (uint32_t)from, part(hello, from, to));
}

static void answer_sealed(struct fixture *f, struct view key_dcid, struct view frames)
{
	static uint8_t packet[2048];
	struct seal s = {.version = V1,
	                 .scid = view_of(id_server, 4),
	                 .key_dcid = key_dcid,
	                 .side = QUIC_SERVER,
	                 .number_size = 2,
	                 .frames = frames};
	quic_flow_server(&f->flow, f->work, seal_initial(&s, packet, sizeof(packet)));
}

/* The server's CRYPTO: a ServerHello, or a HelloRetryRequest, at an offset. */
static void answer(struct fixture *f, struct view key_dcid, uint32_t offset, bool is_retry)
{
	static const char retry[] =
		"\x02\0\0\x26\x03\x03"
		"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
		"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"
		"\0\0\0\0";
	uint8_t message[42], frames[128];
	memcpy(message, retry, sizeof(message));
	message[20] ^= is_retry ? 0 : 1;
	struct writer w = writer_open(frames, sizeof(frames));
	seal_crypto(&w, offset, view_of(message, sizeof(message)));
	answer_sealed(f, key_dcid, view_of(frames, writer_size(&w)));
}

static void a_hello_in_one_packet_is_whole(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
	/* the same again is nothing new */
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_OLD);
}

static void a_hello_in_any_order_over_many_datagrams_is_whole(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 400, HELLO_SIZE), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, ERR_TRUNCATED).hellos, 0);
	assert_int_equal(send_part(f, f->hello, 2, 200), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->hello, 150, 410), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->hello, 0, 2), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
}

static void a_hello_in_single_bytes_from_its_end_is_whole(void **state)
{
	struct fixture *f = *state;
	for (size_t i = HELLO_SIZE; i; i--)
		assert_int_equal(send_part(f, f->hello, i - 1, i), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
	/* by then borders are forgotten, and other bytes cannot be judged in every reading */
	assert_int_equal(send_part(f, f->hello, 290, 330), QUIC_FLOW_OLD);
	assert_int_equal(send_part(f, f->other, 290, 330), QUIC_FLOW_LIMIT);
}

static void other_bytes_for_the_same_place_are_another_reading(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, 350), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->other, 300, HELLO_SIZE), QUIC_FLOW_DATA);
	struct heard h = expect_heard(f, OK);
	assert_true(h.hellos && h.others && !h.mixtures);
}

static void the_borders_of_what_was_sent_again_count(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	/* who gets this and not the first one has a border within the name */
	assert_int_equal(send_part(f, f->hello, 302, HELLO_SIZE), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->other, 0, 350), QUIC_FLOW_DATA);
	struct heard h = expect_heard(f, OK);
	assert_true(h.hellos && h.others && h.mixtures);
}

static void more_readings_than_the_limit_are_refused(void **state)
{
	struct fixture *f = *state;
	struct heard h = {.f = f};
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	for (size_t i = 300; i < 309; i++) {
		uint8_t byte = 'z';
		struct seal s = initial(f, view_of(id_a, 8));
		assert_int_equal(send_as(f, s, (uint32_t)i, view_of(&byte, 1)), QUIC_FLOW_DATA);
	}
	assert_int_equal(quic_flow_hellos(&f->flow, f->work, LIMIT, hear, &h), ERR_LIMIT);
}

static void each_dcid_is_a_connection_and_the_fifth_waits(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < 5; i++) {
		struct seal s = initial(f, view_of(id_b, i));
		enum quic_flow_news news = send_as(f, s, 0, part(f->hello, 0, 300));
		assert_int_equal(news, i < 4 ? QUIC_FLOW_DATA : QUIC_FLOW_WAIT);
	}
	struct seal s = initial(f, view_of(id_b, 2));
	assert_int_equal(send_as(f, s, 300, part(f->other, 300, HELLO_SIZE)), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, ERR_TRUNCATED).others, 1);
}

static void the_id_that_the_server_chose_keeps_the_first_keys(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, 300), QUIC_FLOW_DATA);
	struct seal s = initial(f, view_of(id_server, 4));
	s.key_dcid = view_of(id_a, 8);
	assert_int_equal(send_as(f, s, 300, part(f->hello, 300, HELLO_SIZE)), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
	assert_int_equal(f->flow.count, 1);
}

static void a_connection_that_changes_its_version_stays_one(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, 300), QUIC_FLOW_DATA);
	struct seal s = initial(f, view_of(id_server, 4));
	s.version = V2;
	s.key_dcid = view_of(id_a, 8);
	assert_int_equal(send_as(f, s, 300, part(f->hello, 300, HELLO_SIZE)), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
}

static void a_number_is_found_whatever_the_server_has_received(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint64_t number;
		uint8_t size;
	} rows[] = {
		{1000000, 4},                 /* maybe it does not arrive */
		{3, 1},                       /* so this may be the first that the server sees */
		{700, 2},     {701 + 128, 1}, /* near the last one, for who has it */
		{999999, 1},                  /* near the first one */
	};
	for (size_t i = 0; i < 5; i++) {
		struct seal s = initial(f, view_of(id_a, 8));
		s.number = rows[i].number;
		s.number_size = rows[i].size;
		size_t from = i * HELLO_SIZE / 5, to = (i + 1) * HELLO_SIZE / 5;
		assert_int_equal(send_as(f, s, (uint32_t)from, part(f->hello, from, to)),
		                 QUIC_FLOW_DATA);
	}
	assert_int_equal(expect_heard(f, OK).hellos, 1);
}

static void numbers_in_too_many_places_are_a_limit(void **state)
{
	struct fixture *f = *state;
	for (uint64_t i = 0; i <= QUIC_FLOW_RANGES; i++) {
		struct seal s = initial(f, view_of(id_a, 8));
		s.number = i * 100000;
		s.number_size = 4;
		assert_int_equal(send_as(f, s, 0, part(f->hello, 0, 300)),
		                 i < QUIC_FLOW_RANGES ? (i ? QUIC_FLOW_OLD : QUIC_FLOW_DATA)
		                                      : QUIC_FLOW_LIMIT);
	}
}

static void what_nobody_can_open_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct seal s = initial(f, view_of(id_b, 20));
	s.key_dcid = view_of(id_a, 8);
	assert_int_equal(send_as(f, s, 0, part(f->other, 0, HELLO_SIZE)), QUIC_FLOW_OLD);
	assert_int_equal(f->flow.count, 0);
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
}

static void frames_that_no_initial_carries_make_it_malformed(void **state)
{
	struct fixture *f = *state;
	struct seal s = initial(f, view_of(id_a, 8));
	s.frames = view_of("\x01\x08\0\0", 4);
	assert_int_equal(send_sealed(f, &s), QUIC_FLOW_MALFORMED);
	assert_int_equal(f->flow.count, 0);
}

static void coalesced_packets_are_all_read(void **state)
{
	struct fixture *f = *state;
	static uint8_t room[4096];
	uint8_t frames[1024];
	size_t used = 0;
	for (size_t i = 0; i < 3; i++) {
		struct writer w = writer_open(frames, sizeof(frames));
		seal_crypto(&w, (uint32_t)(i * 200), part(f->hello, i * 200, (i + 1) * 200));
		struct seal s = initial(f, view_of(id_a, 8));
		s.frames = view_of(frames, writer_size(&w));
		used += seal_initial(&s, room + used, sizeof(room) - used).size;
		/* a Handshake packet of no bytes between them */
		memcpy(room + used, "\xe0\0\0\0\1\0\0\x14zzzzzzzzzzzzzzzzzzzz", 28);
		used += 28;
	}
	assert_int_equal(quic_flow_client(&f->flow, f->work, view_of(room, used)), QUIC_FLOW_DATA);
	assert_int_equal(expect_heard(f, OK).hellos, 1);
}

static void only_a_server_that_takes_the_hello_answers(void **state)
{
	struct fixture *f = *state;
	struct view dcid = view_of(id_a, 8);
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	answer_sealed(f, dcid, view_of("\x02\0\0\0\0", 5)); /* an acknowledgement */
	assert_false(quic_flow_is_answered(&f->flow));
	answer(f, view_of(id_b, 8), 0, false); /* for somebody else */
	assert_false(quic_flow_is_answered(&f->flow));
	answer(f, dcid, 0, true);
	answer(f, dcid, 0, true);
	assert_false(quic_flow_is_answered(&f->flow));
	answer(f, dcid, 42, false);
	assert_true(quic_flow_is_answered(&f->flow));
}

static void the_hello_after_a_retry_request_is_given_too(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	answer(f, view_of(id_a, 8), 0, true);
	struct seal s = initial(f, view_of(id_a, 8));
	assert_int_equal(send_as(f, s, HELLO_SIZE, part(f->other, 0, HELLO_SIZE)), QUIC_FLOW_DATA);
	struct heard h = expect_heard(f, OK);
	assert_true(h.hellos == 1 && h.others == 1);
}

static void a_close_answers(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	answer_sealed(f, view_of(id_a, 8), view_of("\x1c\x01\0\0", 4));
	assert_true(quic_flow_is_answered(&f->flow));
}

static void one_connection_does_not_answer_for_another(void **state)
{
	struct fixture *f = *state;
	struct seal s = initial(f, view_of(id_b, 20));
	assert_int_equal(send_as(f, s, 0, part(f->other, 0, 300)), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	answer(f, view_of(id_a, 8), 0, false);
	assert_false(quic_flow_is_answered(&f->flow));
	answer(f, view_of(id_b, 20), 0, false);
	assert_true(quic_flow_is_answered(&f->flow));
}

static void negotiate(struct fixture *f, struct view dcid, const char *versions)
{
	uint8_t bytes[64];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_view(&w, view_of("\xc0\0\0\0\0\0", 6));
	write_u8(&w, (uint8_t)dcid.size);
	write_view(&w, dcid);
	write_bytes(&w, versions, 4);
	quic_flow_server(&f->flow, f->work, view_of(bytes, writer_size(&w)));
}

static void a_version_negotiation_lets_the_client_begin_anew(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_part(f, f->hello, 0, HELLO_SIZE), QUIC_FLOW_DATA);
	negotiate(f, view_of(id_a, 8), "\0\0\0\1"); /* provoked: the server has version 1 */
	assert_int_equal(f->flow.connections[0].state, QUIC_CONNECTION_OPEN);
	negotiate(f, view_of(id_b, 8), "\x6b\x33\x43\xcf");
	assert_int_equal(f->flow.connections[0].state, QUIC_CONNECTION_OPEN);
	negotiate(f, view_of(id_a, 8), "\x6b\x33\x43\xcf");
	assert_int_equal(f->flow.connections[0].state, QUIC_CONNECTION_GONE);
	struct seal s = initial(f, view_of(id_a, 8));
	s.version = V2;
	assert_int_equal(send_as(f, s, 0, part(f->other, 0, HELLO_SIZE)), QUIC_FLOW_DATA);
	struct heard h = expect_heard(f, OK);
	assert_true(h.others > 0);
}

static void what_is_not_quic_and_what_is_of_an_unknown_version_are_told(void **state)
{
	struct fixture *f = *state;
	static uint8_t unknown[1200] = "\xc0\x12\x34\x56\x78\x08";
	static const uint8_t rtp[40] = {0x80, 0x60, 0x12};
	struct view dns = view_of("\x12\x34\x01\0\0\1\0\0\0\0\0\0\3www\0\0\1\0\1", 21);
	assert_int_equal(quic_flow_client(&f->flow, f->work, dns), QUIC_FLOW_NONE);
	assert_int_equal(quic_flow_client(&f->flow, f->work, view_of(rtp, 40)), QUIC_FLOW_NONE);
	assert_int_equal(quic_flow_client(&f->flow, f->work, view_text("@abcdef")), QUIC_FLOW_NONE);
	assert_int_equal(quic_flow_client(&f->flow, f->work, view_of(unknown, 1200)),
	                 QUIC_FLOW_VERSION);
	assert_int_equal(quic_flow_client(&f->flow, f->work, view_of(unknown, 60)), QUIC_FLOW_NONE);
}

static void what_is_further_on_than_is_read_is_passed_over(void **state)
{
	struct fixture *f = *state;
	struct seal s = initial(f, view_of(id_a, 8));
	assert_int_equal(send_as(f, s, QUIC_CRYPTO_STREAM_MAX - 10, part(f->hello, 0, 10)),
	                 QUIC_FLOW_DATA);
	for (uint32_t i = 0; i < 20; i++) {
		s = initial(f, view_of(id_a, 8));
		assert_int_equal(
			send_as(f, s, QUIC_CRYPTO_STREAM_MAX + 100 * i, part(f->other, 0, 10)),
			QUIC_FLOW_OLD);
	}
}

static void a_small_room_is_a_limit_and_nothing_worse(void **state)
{
	struct fixture *f = *state;
	quic_flow_init(&f->flow, f->room, 512);
	assert_int_equal(send_part(f, f->hello, 0, 200), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->hello, 100, 300), QUIC_FLOW_DATA);
	assert_int_equal(send_part(f, f->hello, 250, 400), QUIC_FLOW_DATA); /* joined */
	assert_int_equal(send_part(f, f->hello, 390, HELLO_SIZE), QUIC_FLOW_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hello_in_one_packet_is_whole),
		TEST(a_hello_in_any_order_over_many_datagrams_is_whole),
		TEST(a_hello_in_single_bytes_from_its_end_is_whole),
		TEST(other_bytes_for_the_same_place_are_another_reading),
		TEST(the_borders_of_what_was_sent_again_count),
		TEST(more_readings_than_the_limit_are_refused),
		TEST(each_dcid_is_a_connection_and_the_fifth_waits),
		TEST(the_id_that_the_server_chose_keeps_the_first_keys),
		TEST(a_connection_that_changes_its_version_stays_one),
		TEST(a_number_is_found_whatever_the_server_has_received),
		TEST(numbers_in_too_many_places_are_a_limit),
		TEST(what_nobody_can_open_changes_nothing),
		TEST(frames_that_no_initial_carries_make_it_malformed),
		TEST(coalesced_packets_are_all_read),
		TEST(only_a_server_that_takes_the_hello_answers),
		TEST(the_hello_after_a_retry_request_is_given_too),
		TEST(a_close_answers),
		TEST(one_connection_does_not_answer_for_another),
		TEST(a_version_negotiation_lets_the_client_begin_anew),
		TEST(what_is_not_quic_and_what_is_of_an_unknown_version_are_told),
		TEST(what_is_further_on_than_is_read_is_passed_over),
		TEST(a_small_room_is_a_limit_and_nothing_worse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
