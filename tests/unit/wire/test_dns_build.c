#include "tests/test.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_build.h"

static struct dns_query get_query(struct view packet)
{
	struct dns_query q;
	enum dns_query_verdict verdict = dns_query_parse(packet, &q);
	assert_int_not_equal(verdict, DNS_QUERY_DROP);
	return q;
}

/* Reads back the header and the OPT of an answer; counts must be met exactly. */
static void read_back(struct view message, struct dns_header *header, struct dns_edns *edns)
{
	struct dns_walk w;
	struct dns_record record;
	int r;
	*edns = (struct dns_edns){0};
	assert_int_equal(dns_walk_open(message, &w), OK);
	*header = w.header;
	while ((r = dns_walk_next(&w, &record)) > 0) {
		if (record.type == DNS_TYPE_OPT)
			assert_int_equal(
				dns_edns_parse(record.class, record.ttl, record.rdata, edns), OK);
	}
	assert_int_equal(r, OK);
}

static void an_answer_is_compressed_against_the_question(void **state)
{
	(void)state;
	uint8_t room[512];
	struct dns_builder b;
	struct dns_query q = get_query(QUERY_PLAIN);
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_NOERROR, NULL);
	dns_build_flags(&b, DNS_FLAG_AA);
	dns_build_address(&b, &q.name, 60, view_of("\xc0\0\2\1", 4));
	int size = dns_build_close(&b);
	static const uint8_t expected[] =
		"\x12\x34\x85\x80\0\1\0\1\0\0\0\0\3wWw\7ExAmple\3com\0\0\1\0\1"
		"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1";
	assert_int_equal(size, sizeof(expected) - 1);
	assert_memory_equal(room, expected, sizeof(expected) - 1);
}

static void a_negative_answer_carries_soa_and_extended_error(void **state)
{
	(void)state;
	uint8_t room[512];
	struct dns_builder b;
	struct dns_query q = get_query(QUERY_EDNS);
	struct dns_soa soa = {.serial = 1, .minimum = 60};
	assert_int_equal(dname_parse_text(view_text("ns.example.com"), &soa.primary), OK);
	assert_int_equal(dname_parse_text(view_text("admin.example.com"), &soa.mailbox), OK);
	struct dns_opt opt = {.udp_size = 1232,
	                      .has_ede = true,
	                      .ede_code = DNS_EDE_BLOCKED,
	                      .ede_text = view_text("order 7, ask it@example.com"),
	                      .has_keepalive = true,
	                      .keepalive_100ms = 300,
	                      .cookie = view_of("0123456789abcdef", 16)};
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_NXDOMAIN, &opt);
	dns_build_soa(&b, &q.name, 60, &soa);
	int size = dns_build_close(&b);
	assert_true(size > 0);
	struct dns_header header;
	struct dns_edns edns;
	read_back(view_of(room, (size_t)size), &header, &edns);
	assert_int_equal(header.flags & DNS_FLAGS_RCODE, DNS_RCODE_NXDOMAIN);
	assert_int_equal(header.counts[DNS_AUTHORITY], 1);
	assert_int_equal(header.counts[DNS_ADDITIONAL], 1);
	assert_int_equal(edns.ede_code, DNS_EDE_BLOCKED);
	assert_true(view_is(edns.ede_text, "order 7, ask it@example.com"));
	assert_true(edns.has_keepalive);
	assert_int_equal(edns.cookie.size, 16);
}

static void an_extended_code_is_split_over_header_and_opt(void **state)
{
	(void)state;
	uint8_t room[512];
	struct dns_builder b;
	struct dns_query q = get_query(QUERY_VERSION1);
	struct dns_opt opt = {.udp_size = 1232};
	struct dns_header header;
	struct dns_edns edns;
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_BADVERS, &opt);
	int size = dns_build_close(&b);
	read_back(view_of(room, (size_t)size), &header, &edns);
	assert_int_equal(header.flags & DNS_FLAGS_RCODE, 0);
	assert_int_equal(edns.rcode_high, 1);
	assert_int_equal(edns.version, 0);
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_BADVERS, NULL);
	size = dns_build_close(&b);
	read_back(view_of(room, (size_t)size), &header, &edns);
	assert_int_equal(header.flags & DNS_FLAGS_RCODE, DNS_RCODE_SERVFAIL);
}

static void what_does_not_fit_is_left_out_and_said(void **state)
{
	(void)state;
	uint8_t room[512];
	struct dns_query q = get_query(QUERY_EDNS);
	struct dns_opt opt = {.udp_size = 1232, .has_ede = true, .ede_text = view_text("text")};
	for (size_t limit = 0; limit < sizeof(room); limit++) {
		struct dns_builder b;
		dns_build_open(&b, room, limit, &q, DNS_RCODE_NOERROR, &opt);
		for (int i = 0; i < 20; i++)
			dns_build_address(&b, &q.name, 60, view_of("\xc0\0\2\1", 4));
		int size = dns_build_close(&b);
		if (limit < 12 + 21 + 17) {
			assert_int_equal(size, ERR_LIMIT);
			continue;
		}
		struct dns_header header;
		struct dns_edns edns;
		assert_in_range(size, 1, limit);
		read_back(view_of(room, (size_t)size), &header, &edns);
		assert_int_equal(!!(header.flags & DNS_FLAG_TC), header.counts[DNS_ANSWER] < 20);
		assert_int_equal(header.counts[DNS_ANSWER],
		                 limit < 50 + 320 ? (limit - 50) / 16 : 20);
		assert_true(edns.has_ede);
	}
}

static void additional_records_go_without_tc(void **state)
{
	(void)state;
	uint8_t room[60];
	struct dns_builder b;
	struct dns_query q = get_query(QUERY_PLAIN);
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_NOERROR, NULL);
	dns_build_address(&b, &q.name, 60, view_of("\xc0\0\2\1", 4));
	dns_build_record(&b, DNS_ADDITIONAL, &q.name, DNS_TYPE_A, 60, view_of("\xc0\0\2\1", 4));
	int size = dns_build_close(&b);
	struct dns_header header;
	struct dns_edns edns;
	read_back(view_of(room, (size_t)size), &header, &edns);
	assert_true(b.truncated);
	assert_false(header.flags & DNS_FLAG_TC);
	assert_int_equal(header.counts[DNS_ADDITIONAL], 0);
}

static void sections_are_written_in_order(void **state)
{
	(void)state;
	uint8_t room[512];
	struct dns_builder b;
	struct dns_query q = get_query(QUERY_PLAIN);
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_NOERROR, NULL);
	dns_build_record(&b, DNS_AUTHORITY, &q.name, DNS_TYPE_TXT, 60, view_of("\0", 1));
	dns_build_address(&b, &q.name, 60, view_of("\xc0\0\2\1", 4));
	assert_int_equal(dns_build_close(&b), ERR_INVALID);
}

static void an_error_text_is_cut_between_characters(void **state)
{
	(void)state;
	struct dns_opt opt = {.has_ede = true, .ede_text = view_text("a\xe7\xa6\x81\xe6\xad\xa2")};
	static const size_t kept[] = {0, 1, 1, 1, 4, 4, 4, 7, 7};
	for (size_t extra = 0; extra < sizeof(kept) / sizeof(kept[0]); extra++) {
		uint8_t room[64];
		struct writer w = writer_open(room, dns_opt_size_min(&opt) + extra);
		dns_opt_write(&w, &opt, 0);
		assert_false(w.failed);
		assert_int_equal(writer_size(&w), dns_opt_size_min(&opt) + kept[extra]);
	}
}

static void padding_fills_the_block_but_not_over_the_limit(void **state)
{
	(void)state;
	uint8_t room[2000];
	struct dns_query q = get_query(QUERY_EDNS);
	struct dns_opt opt = {.udp_size = 1232, .padding_block = DNS_PADDING_BLOCK};
	struct dns_header header;
	struct dns_edns edns;
	for (size_t records = 0; records < 60; records++) {
		struct dns_builder b;
		dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_NOERROR, &opt);
		for (size_t i = 0; i < records; i++)
			dns_build_address(&b, &q.name, 60, view_of("\xc0\0\2\1", 4));
		int size = dns_build_close(&b);
		assert_int_equal(size % DNS_PADDING_BLOCK, 0);
		read_back(view_of(room, (size_t)size), &header, &edns);
		assert_true(edns.has_padding);
	}
	struct dns_builder b;
	dns_build_open(&b, room, 100, &q, DNS_RCODE_NOERROR, &opt);
	assert_int_equal(dns_build_close(&b), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_compressed_against_the_question),
		cmocka_unit_test(a_negative_answer_carries_soa_and_extended_error),
		cmocka_unit_test(an_extended_code_is_split_over_header_and_opt),
		cmocka_unit_test(what_does_not_fit_is_left_out_and_said),
		cmocka_unit_test(additional_records_go_without_tc),
		cmocka_unit_test(sections_are_written_in_order),
		cmocka_unit_test(an_error_text_is_cut_between_characters),
		cmocka_unit_test(padding_fills_the_block_but_not_over_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
