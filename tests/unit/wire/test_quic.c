#include "base/writer.h"
#include "tests/test.h"
#include "tests/unit/wire/hex.h"
#include "tests/unit/wire/quic_vectors.h"
#include "wire/quic.h"

static uint8_t room[4096];

static void expect_id(struct view id, const char *hexadecimal)
{
	uint8_t bytes[QUIC_ID_SIZE_MAX];
	assert_true(view_equal(id, hex(hexadecimal, bytes, sizeof(bytes))));
}

static void the_samples_of_both_versions_are_read(void **state)
{
	static const struct {
		const char *packet, *dcid, *scid, *token;
		enum quic_type type;
		size_t number_at;
	} rows[] = {
		{vector_client_v1, VECTOR_DCID, "", "", QUIC_INITIAL, 18},
		{vector_client_v2, VECTOR_DCID, "", "", QUIC_INITIAL, 18},
		{vector_server_v1, "", "f067a5502a4262b5", "", QUIC_INITIAL, 18},
		{vector_server_v2, "", "f067a5502a4262b5", "", QUIC_INITIAL, 18},
		{vector_retry_v1, "", "f067a5502a4262b5", "746f6b656e", QUIC_RETRY, 0},
		{vector_retry_v2, "", "f067a5502a4262b5", "746f6b656e", QUIC_RETRY, 0},
	};
	struct quic_packet p;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct view v = hex(rows[i].packet, room, sizeof(room));
		assert_int_equal(quic_read(v, &p), OK);
		assert_int_equal(p.type, rows[i].type);
		assert_int_equal(p.number_at, rows[i].number_at);
		assert_int_equal(p.bytes.size, v.size);
		expect_id(p.dcid, rows[i].dcid);
		expect_id(p.scid, rows[i].scid);
		expect_id(p.token, rows[i].token);
	}
}

static void every_prefix_of_a_packet_with_a_length_is_truncated(void **state)
{
	struct quic_packet p;
	(void)state;
	struct view v = hex(vector_client_v1, room, sizeof(room));
	for (size_t i = 0; i < v.size; i++)
		assert_int_equal(quic_read(view_of(v.bytes, i), &p), ERR_TRUNCATED);
}

/* A packet with a long header, as far as its length and what that covers. */
static void add_long(struct writer *w, uint8_t first, uint32_t version, size_t dcid_size,
                     bool has_token, size_t size)
{
	write_u8(w, first);
	write_u32(w, version);
	write_u8(w, (uint8_t)dcid_size);
	(void)write_space(w, dcid_size);
	write_u8(w, 0);
	if (has_token)
		write_view(w, view_text("\x03tok"));
	write_u16(w, (uint16_t)(0x4000 | size));
	(void)write_space(w, size);
	assert_false(w->failed);
}

static void coalesced_packets_are_walked_one_by_one(void **state)
{
	static const enum quic_type types[] = {QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_SHORT};
	struct writer w = writer_open(room, sizeof(room));
	struct quic_packet p;
	(void)state;
	add_long(&w, 0xc0, 1, 8, true, 50);
	add_long(&w, 0xe0, 0x6b3343cf, 8, false,
	         30); /* the same bits are something else in version 1 */
	add_long(&w, 0xe0, 1, 8, false, 0);
	write_u8(&w, 0x40);
	write_u32(&w, 0);
	struct view rest = view_of(room, writer_size(&w));
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(quic_read(rest, &p), OK);
		assert_int_equal(p.type, types[i]);
		rest = view_skip(rest, p.bytes.size);
	}
	assert_int_equal(rest.size, 0);
	assert_int_equal(quic_read(rest, &p), ERR_TRUNCATED);
}

static void a_length_beyond_the_datagram_is_truncated(void **state)
{
	struct writer w = writer_open(room, sizeof(room));
	struct quic_packet p;
	(void)state;
	add_long(&w, 0xc0, 1, 8, true, 50);
	assert_int_equal(quic_read(view_of(room, writer_size(&w)), &p), OK);
	assert_int_equal(quic_read(view_of(room, writer_size(&w) - 1), &p), ERR_TRUNCATED);
	w = writer_open(room, sizeof(room));
	write_view(&w,
	           view_of("\xc0\0\0\0\1\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 15)); /* a token */
	assert_int_equal(quic_read(view_of(room, 100), &p), ERR_TRUNCATED);
}

static void ids_have_twenty_bytes_in_known_versions_and_255_in_others(void **state)
{
	static const struct {
		uint32_t version;
		size_t size;
		int code;
	} rows[] = {
		{1, 0, OK},
		{1, 20, OK},
		{1, 21, ERR_MALFORMED},
		{0x6b3343cf, 21, ERR_MALFORMED},
		{0xff00001d, 20, OK},
		{0x0a1a2a3a, 21, OK},
		{0x0a1a2a3a, 255, OK},
	};
	struct quic_packet p;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct writer w = writer_open(room, sizeof(room));
		add_long(&w, 0xe0, rows[i].version, rows[i].size, false, 40);
		assert_int_equal(quic_read(view_of(room, writer_size(&w)), &p), rows[i].code);
		if (rows[i].code)
			continue;
		assert_int_equal(p.dcid.size, rows[i].size);
		assert_int_equal(p.type == QUIC_UNKNOWN_VERSION, rows[i].version == 0x0a1a2a3a);
	}
}

static void version_negotiation_lists_whole_versions(void **state)
{
	struct quic_packet p;
	(void)state;
	struct view v = hex("80000000000001aa000000016b3343cf", room, sizeof(room));
	assert_int_equal(quic_read(v, &p), OK);
	assert_int_equal(p.type, QUIC_VERSION_NEGOTIATION);
	assert_int_equal(p.versions.size, 8);
	assert_int_equal(quic_read(view_of(v.bytes, v.size - 1), &p), ERR_MALFORMED);
	assert_int_equal(quic_read(view_of(v.bytes, 8), &p), ERR_MALFORMED);
}

static void what_has_neither_top_bit_is_not_quic(void **state)
{
	struct quic_packet p;
	(void)state;
	assert_int_equal(quic_read(view_text("0123456789"), &p), ERR_MALFORMED);
}

static void integers_of_every_size_are_read_also_the_long_forms(void **state)
{
	static const struct {
		const char *hexadecimal;
		uint64_t value;
	} rows[] = {/* RFC 9000 s A.1 */
	            {"c2197c5eff14e88c", UINT64_C(151288809941952652)},
	            {"9d7f3e7d", 494878333},
	            {"7bbd", 15293},
	            {"25", 37},
	            {"4025", 37},
	            {"c000000000000006", 6}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct view v = hex(rows[i].hexadecimal, room, sizeof(room));
		struct reader r = reader_open(v.bytes, v.size),
			      cut = reader_open(v.bytes, v.size - 1);
		assert_int_equal(quic_read_value(&r), rows[i].value);
		assert_false(r.failed);
		assert_int_equal(quic_read_value(&cut), 0);
		assert_true(cut.failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_samples_of_both_versions_are_read),
		cmocka_unit_test(every_prefix_of_a_packet_with_a_length_is_truncated),
		cmocka_unit_test(coalesced_packets_are_walked_one_by_one),
		cmocka_unit_test(a_length_beyond_the_datagram_is_truncated),
		cmocka_unit_test(ids_have_twenty_bytes_in_known_versions_and_255_in_others),
		cmocka_unit_test(version_negotiation_lists_whole_versions),
		cmocka_unit_test(what_has_neither_top_bit_is_not_quic),
		cmocka_unit_test(integers_of_every_size_are_read_also_the_long_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
