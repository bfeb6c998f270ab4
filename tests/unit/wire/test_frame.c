#include <stdlib.h>

#include "tests/test.h"
#include "wire/frame.h"

/* A datagram of port 4242 to port 53 with the payload "ask". */
#define MACS      "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"
#define MACS_BACK "\x02\0\0\0\0\x02\x02\0\0\0\0\x01"
static const char v4[] =
	MACS "\x08\0\x45\0\0\x1f\x12\x34\x40\0\x40\x11\x13\xfe\x0a\x4d\0\x02\x0a\x4d\0\x01"
	     "\x10\x92\0\x35\0\x0b\x0e\x01"
	     "ask";
static const char v6[] = MACS "\x86\xdd\x60\0\0\0\0\x0b\x11\x40"
			      "\xfd\x53\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"
			      "\xfd\x53\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
			      "\x10\x92\0\x35\0\x0b\x27\xf3"
			      "ask";
enum { V4_SIZE = sizeof(v4) - 1, V6_SIZE = sizeof(v6) - 1, SUM4 = 40, SUM6 = 60 };

struct changed {
	uint8_t bytes[128];
	size_t size;
};

static struct changed copy(const char *frame, size_t size)
{
	struct changed c = {.size = size};
	memcpy(c.bytes, frame, size);
	return c;
}

static int parse(const struct changed *c, struct frame *ret)
{
	return frame_parse(view_of(c->bytes, c->size), ret);
}

/* After one byte was set; IPv4 header sums are made right again. */
static int parse_with(const char *frame, size_t size, size_t at, uint8_t value)
{
	struct changed c = copy(frame, size);
	if (size == V4_SIZE && at >= 14 && at < 34) {
		int difference = (at % 2 ? 1 : 256) * (c.bytes[at] - value);
		int sum = (c.bytes[24] << 8 | c.bytes[25]) + difference;
		sum = (sum + 0xffff * 2) % 0xffff;
		c.bytes[24] = (uint8_t)(sum >> 8);
		c.bytes[25] = (uint8_t)sum;
	}
	c.bytes[at] = value;
	struct frame f;
	return parse(&c, &f);
}

static void a_request_is_taken_apart(void **state)
{
	(void)state;
	struct frame f;
	assert_int_equal(frame_parse(view_of(v4, V4_SIZE), &f), OK);
	assert_true(view_is(f.payload, "ask"));
	assert_int_equal(f.source_port, 4242);
	assert_int_equal(f.destination_port, 53);
	assert_int_equal(f.source.size, 4);
	assert_memory_equal(f.source.bytes, "\x0a\x4d\0\2", 4);
	assert_memory_equal(f.destination.bytes, "\x0a\x4d\0\1", 4);
	assert_int_equal(frame_parse(view_of(v6, V6_SIZE), &f), OK);
	assert_true(view_is(f.payload, "ask"));
	assert_int_equal(f.source.size, 16);
	assert_int_equal(f.source.bytes[15], 2);
	assert_int_equal(f.destination.bytes[15], 1);
}

static void the_padding_of_a_short_frame_is_not_payload(void **state)
{
	(void)state;
	struct changed c = copy(v4, V4_SIZE);
	c.size = FRAME_SIZE_MIN;
	struct frame f;
	assert_int_equal(parse(&c, &f), OK);
	assert_true(view_is(f.payload, "ask"));
}

static void every_prefix_is_refused(void **state)
{
	(void)state;
	struct frame f;
	for (size_t size = 0; size < V4_SIZE; size++)
		assert_int_equal(frame_parse(view_of(v4, size), &f), ERR_MALFORMED);
	for (size_t size = 0; size < V6_SIZE; size++)
		assert_int_equal(frame_parse(view_of(v6, size), &f), ERR_MALFORMED);
}

static void every_flipped_bit_of_a_datagram_is_noticed(void **state)
{
	(void)state;
	for (size_t bit = 8 * 14; bit < 8 * V4_SIZE; bit++) {
		struct changed c = copy(v4, V4_SIZE);
		c.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		struct frame f;
		assert_int_not_equal(parse(&c, &f), OK);
	}
}

static void what_is_not_a_plain_datagram_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *frame;
		size_t size, at;
		uint8_t value;
	} rows[] = {
		{v4, V4_SIZE, 13, 6},                             /* ARP */
		{v4, V4_SIZE, 12, 0x81},                          /* a VLAN */
		{v4, V4_SIZE, 0, 0xff},                           /* to a group */
		{v4, V4_SIZE, 6, 1},                              /* from a group */
		{v4, V4_SIZE, 14, 0x46},                          /* options */
		{v4, V4_SIZE, 14, 0x65}, {v4, V4_SIZE, 20, 0x20}, /* more fragments */
		{v4, V4_SIZE, 21, 1},                             /* a later one */
		{v4, V4_SIZE, 23, 6},                             /* TCP */
		{v4, V4_SIZE, 17, 0x20},                          /* longer than the frame */
		{v4, V4_SIZE, 17, 0x1e},                          /* shorter than the datagram */
		{v4, V4_SIZE, 17, 0x13},                          /* shorter than its own header */
		{v4, V4_SIZE, 39, 7}, /* a datagram shorter than its header */
		{v4, V4_SIZE, 39, 12},   {v6, V6_SIZE, 14, 0x40},
		{v6, V6_SIZE, 19, 12},   {v6, V6_SIZE, 20, 44}, /* a fragment */
		{v6, V6_SIZE, 20, 0},                           /* options */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(parse_with(rows[i].frame, rows[i].size, rows[i].at, rows[i].value),
		                 ERR_MALFORMED);
	assert_int_equal(parse_with(v4, V4_SIZE, 15, 0x10), OK); /* any traffic class */
	assert_int_equal(parse_with(v4, V4_SIZE, 22, 1), OK);    /* the last hop */
	assert_int_equal(parse_with(v6, V6_SIZE, 17, 0x11), OK); /* any flow */
}

static void nobody_is_not_answered(void **state)
{
	(void)state;
	static const uint8_t nobodies[] = {0, 127, 224, 255};
	for (size_t i = 0; i < sizeof(nobodies); i++) {
		assert_int_equal(parse_with(v4, V4_SIZE, 26, nobodies[i]), ERR_MALFORMED);
		assert_int_equal(parse_with(v4, V4_SIZE, 30, nobodies[i]), ERR_MALFORMED);
	}
	assert_int_equal(parse_with(v4, V4_SIZE, 29, 1), ERR_MALFORMED); /* from itself */
	assert_int_equal(parse_with(v6, V6_SIZE, 37, 1), ERR_MALFORMED);
	assert_int_equal(parse_with(v6, V6_SIZE, 22, 0xff), ERR_MALFORMED);
	struct changed c = copy(v6, V6_SIZE);
	memset(c.bytes + 22, 0, 15); /* ::2, then ::1 and :: */
	struct frame f;
	assert_int_equal(parse(&c, &f), ERR_CHECKSUM);
	for (uint8_t last = 0; last <= 1; last++) {
		c.bytes[37] = last;
		assert_int_equal(parse(&c, &f), ERR_MALFORMED);
	}
	memcpy(c.bytes + 22, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x4d\0\2", 16);
	assert_int_equal(parse(&c, &f), ERR_MALFORMED);
	c = copy(v4, V4_SIZE);
	c.bytes[34] = c.bytes[35] = 0; /* port 0 */
	assert_int_equal(parse(&c, &f), ERR_MALFORMED);
}

static void set_sum(struct changed *c, size_t at, unsigned sum)
{
	c->bytes[at] = (uint8_t)(sum >> 8);
	c->bytes[at + 1] = (uint8_t)sum;
}

static void no_sum_is_right_over_ipv4_only(void **state)
{
	(void)state;
	struct frame f;
	struct changed c = copy(v4, V4_SIZE), d = copy(v6, V6_SIZE);
	set_sum(&c, SUM4, 0);
	assert_int_equal(parse(&c, &f), OK);
	set_sum(&d, SUM6, 0);
	assert_int_equal(parse(&d, &f), ERR_CHECKSUM);
}

static void a_sum_left_to_a_card_that_is_not_there_is_right(void **state)
{
	(void)state;
	struct frame f;
	struct changed c = copy(v4, V4_SIZE), d = copy(v6, V6_SIZE);
	set_sum(&c, SUM4, 0x14b9);
	assert_int_equal(parse(&c, &f), OK);
	set_sum(&d, SUM6, 0xfac6);
	assert_int_equal(parse(&d, &f), OK);
	set_sum(&c, SUM4, 0x14ba);
	assert_int_equal(parse(&c, &f), ERR_CHECKSUM);
}

/* The reply of this size to the request, parsed as a request of its own. */
static void check_reply(const char *request, size_t request_size, size_t size)
{
	uint8_t room[FRAME_HEADER_V6 + 1232];
	struct frame f, back;
	assert_int_equal(frame_parse(view_of(request, request_size), &f), OK);
	memset(room, 0xaa, sizeof(room));
	for (size_t i = 0; i < size; i++)
		room[f.header_size + i] = (uint8_t)(i * 7);
	size_t whole = frame_reply(&f, room, size);
	assert_true(whole == f.header_size + size || whole == FRAME_SIZE_MIN);
	assert_int_equal(frame_parse(view_of(room, whole), &back), OK);
	assert_memory_equal(room, MACS_BACK, 12);
	assert_int_equal(back.header_size, f.header_size);
	assert_true(address_equal(&back.source, &f.destination));
	assert_true(address_equal(&back.destination, &f.source));
	assert_int_equal(back.source_port, f.destination_port);
	assert_int_equal(back.destination_port, f.source_port);
	assert_int_equal(back.payload.size, size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(back.payload.bytes[i], (uint8_t)(i * 7));
	for (size_t i = f.header_size + size; i < whole; i++)
		assert_int_equal(room[i], 0);
	assert_false(room[f.header_size - 2] == 0 && room[f.header_size - 1] == 0);
}

static void a_reply_goes_back_the_way_that_the_request_came(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 1232; size += size < 20 ? 1 : 101) {
		check_reply(v4, V4_SIZE, size);
		check_reply(v6, V6_SIZE, size);
	}
}

static void a_sum_of_zero_is_sent_as_its_other_form(void **state)
{
	(void)state;
	uint8_t room[128];
	struct frame f;
	assert_int_equal(frame_parse(view_of(v6, V6_SIZE), &f), OK);
	memcpy(room + FRAME_HEADER_V6, "\0", 2);
	(void)frame_reply(&f, room, 2);
	/* the payload that takes the sum to zero is the sum itself */
	memcpy(room + FRAME_HEADER_V6, room + SUM6, 2);
	(void)frame_reply(&f, room, 2);
	assert_memory_equal(room + SUM6, "\xff\xff", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(the_padding_of_a_short_frame_is_not_payload),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(every_flipped_bit_of_a_datagram_is_noticed),
		cmocka_unit_test(what_is_not_a_plain_datagram_is_refused),
		cmocka_unit_test(nobody_is_not_answered),
		cmocka_unit_test(no_sum_is_right_over_ipv4_only),
		cmocka_unit_test(a_sum_left_to_a_card_that_is_not_there_is_right),
		cmocka_unit_test(a_reply_goes_back_the_way_that_the_request_came),
		cmocka_unit_test(a_sum_of_zero_is_sent_as_its_other_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
