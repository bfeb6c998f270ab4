#include "gate/dns/upstream.h"
#include "gate/dns/upstream_message.h"
#include "gate/dns/why_bogus.h"
#include "tests/gate_dns/fixture.h"
#include "tests/test.h"
#include "wire/dns_message.h"

static const uint8_t all_letters[UPSTREAM_CASE_SIZE] = {0xff, 0xff, 0xff, 0xff};

static struct upstream_question question_of(const char *text, const uint8_t *random)
{
	struct upstream_question q;
	struct dname name = fixture_name(text);
	upstream_question_write(&q, &name, DNS_TYPE_A, random);
	return q;
}

/* An answer without records that repeats the question. */
static struct view answer_to(const struct upstream_question *q, uint16_t flags, uint8_t room[512])
{
	struct writer w = writer_open(room, 512);
	write_u16(&w, 1);
	write_u16(&w, flags);
	write_u16(&w, 1);
	write_u16(&w, 0);
	write_u32(&w, 0);
	write_bytes(&w, q->bytes, q->size);
	return view_of(room, writer_size(&w));
}

static void letters_change_and_nothing_else(void **state)
{
	(void)state;
	struct upstream_question lower = question_of("a1-z.example", NULL);
	struct upstream_question mixed = question_of("a1-z.example", all_letters);
	assert_memory_equal(mixed.bytes,
	                    "\x04"
	                    "A1-Z"
	                    "\x07"
	                    "EXAMPLE\0\0\x01\0\x01",
	                    mixed.size);
	assert_memory_equal(lower.bytes,
	                    "\x04"
	                    "a1-z"
	                    "\x07"
	                    "example\0\0\x01\0\x01",
	                    lower.size);
}

static void assert_only_padding(struct view options)
{
	uint16_t code;
	struct view value;
	int r;
	while ((r = dns_option_next(&options, &code, &value)) > 0)
		assert_int_equal(code, DNS_OPTION_PADDING);
	assert_int_equal(r, OK);
}

static void a_query_says_nothing_but_the_question_and_that_signatures_are_wanted(void **state)
{
	(void)state;
	uint8_t room[UPSTREAM_QUERY_SIZE_MAX];
	struct upstream_question q = question_of("www.example", all_letters);
	struct upstream_form forms[] = {{true, false, false},
	                                {false, false, false},
	                                {true, true, false},
	                                {true, false, true}};
	for (size_t i = 0; i < 4; i++) {
		struct dns_query parsed;
		size_t size = upstream_query_write(&q, 77, &forms[i], room);
		assert_int_equal(dns_query_parse(view_of(room, size), &parsed), DNS_QUERY_OK);
		assert_int_equal(parsed.id, 77);
		assert_int_equal(parsed.flags,
		                 DNS_FLAG_RD | (forms[i].is_unchecked ? DNS_FLAG_CD : 0));
		assert_int_equal(parsed.edns.is_present, forms[i].has_edns);
		assert_int_equal(parsed.edns.wants_dnssec, forms[i].has_edns);
		assert_only_padding(parsed.edns.options);
		assert_true(!forms[i].is_padded || size % UPSTREAM_PADDING_BLOCK == 0);
	}
}

static void only_an_answer_to_the_very_question_counts(void **state)
{
	(void)state;
	uint8_t room[512];
	struct upstream_question q = question_of("www.example", all_letters);
	struct upstream_question lower = question_of("www.example", NULL);
	struct upstream_question other = question_of("wwx.example", all_letters);
	static const struct {
		uint16_t flags;
		bool had_edns;
		enum upstream_verdict verdict;
	} rows[] = {
		{DNS_FLAG_QR, true, UPSTREAM_ANSWERED},
		{DNS_FLAG_QR | DNS_RCODE_NXDOMAIN, true, UPSTREAM_ANSWERED},
		{0, true, UPSTREAM_STRANGE},
		{DNS_FLAG_QR | DNS_OPCODE_UPDATE << 11, true, UPSTREAM_STRANGE},
		{DNS_FLAG_QR | DNS_FLAG_TC, true, UPSTREAM_TRUNCATED},
		{DNS_FLAG_QR | DNS_RCODE_FORMERR, true, UPSTREAM_NO_EDNS},
		{DNS_FLAG_QR | DNS_RCODE_FORMERR, false, UPSTREAM_FAILED},
		{DNS_FLAG_QR | DNS_RCODE_SERVFAIL, true, UPSTREAM_FAILED},
		{DNS_FLAG_QR | DNS_RCODE_REFUSED, true, UPSTREAM_FAILED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view packet = answer_to(&q, rows[i].flags, room);
		assert_int_equal(upstream_judge(packet, &q, rows[i].had_edns), rows[i].verdict);
		for (size_t size = 0; size < packet.size; size++) {
			enum upstream_verdict v = upstream_judge(view_of(room, size), &q, true);
			assert_true(v == UPSTREAM_STRANGE ||
			            (size == DNS_HEADER_SIZE && v != UPSTREAM_ANSWERED));
		}
	}
	assert_int_equal(upstream_judge(answer_to(&lower, DNS_FLAG_QR, room), &q, true),
	                 UPSTREAM_OTHER_CASE);
	assert_int_equal(upstream_judge(answer_to(&other, DNS_FLAG_QR, room), &q, true),
	                 UPSTREAM_STRANGE);
}

static void every_bit_of_the_question_counts(void **state)
{
	(void)state;
	uint8_t room[512];
	struct upstream_question q = question_of("www.example", all_letters);
	struct view packet = answer_to(&q, DNS_FLAG_QR, room);
	for (size_t bit = 0; bit < q.size * 8U; bit++) {
		uint8_t *at = &room[DNS_HEADER_SIZE + bit / 8];
		*at ^= (uint8_t)(1U << bit % 8);
		assert_int_not_equal(upstream_judge(packet, &q, true), UPSTREAM_ANSWERED);
		*at ^= (uint8_t)(1U << bit % 8);
	}
}

static void servers_are_read_as_they_are_written(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"192.0.2.1", "192.0.2.1:53"},
		{"192.0.2.1:5353", "192.0.2.1:5353"},
		{"2001:db8::1", "[2001:db8::1]:53"},
		{"[2001:db8::1]", "[2001:db8::1]:53"},
		{"tcp://192.0.2.1", "tcp://192.0.2.1:53"},
		{"9.9.9.9#DNS.quad9.net", "9.9.9.9:853#dns.quad9.net"},
		{"[2620:fe::fe]:8853#dns.quad9.net.", "[2620:fe::fe]:8853#dns.quad9.net"},
	};
	static const char *const bad[] = {
		"",       "x",          "192.0.2.1:0",   "192.0.2.1#",   "#dns.net",
		"tcp://", "192.0.2.1:", "192.0.2.1#a b", "192.0.2.0/24", "udp://192.0.2.1"};
	char text[UPSTREAM_TEXT_SIZE];
	struct upstream u, again;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(upstream_parse(view_text(rows[i][0]), &u), OK);
		assert_string_equal(upstream_print(&u, text), rows[i][1]);
		assert_int_equal(upstream_parse(view_text(text), &again), OK);
		assert_true(upstream_equal(&u, &again));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(upstream_parse(view_text(bad[i]), &u), ERR_MALFORMED);
}

static void a_sentence_about_signatures_becomes_its_code(void **state)
{
	(void)state;
	assert_int_equal(why_bogus_code(NULL), DNS_EDE_DNSSEC_BOGUS);
	assert_int_equal(why_bogus_code("something new"), DNS_EDE_DNSSEC_BOGUS);
	assert_int_equal(why_bogus_code("validation failure <a. A IN>: signature expired from x"),
	                 DNS_EDE_SIGNATURE_EXPIRED);
	/* as versions 1.17 and 1.22 say it */
	assert_int_equal(why_bogus_code("signature missing from x"), DNS_EDE_RRSIGS_MISSING);
	assert_int_equal(why_bogus_code("signature for expected key and algorithm missing from x"),
	                 DNS_EDE_RRSIGS_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_change_and_nothing_else),
		cmocka_unit_test(
			a_query_says_nothing_but_the_question_and_that_signatures_are_wanted),
		cmocka_unit_test(only_an_answer_to_the_very_question_counts),
		cmocka_unit_test(every_bit_of_the_question_counts),
		cmocka_unit_test(servers_are_read_as_they_are_written),
		cmocka_unit_test(a_sentence_about_signatures_becomes_its_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
