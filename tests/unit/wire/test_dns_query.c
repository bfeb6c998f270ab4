#include "tests/test.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_query.h"

static const char *print(const struct dns_query *q, char text[static DNAME_TEXT_SIZE])
{
	return dname_print(&q->name, text);
}

static void a_plain_query_is_read_and_its_case_is_kept_for_the_echo(void **state)
{
	(void)state;
	char text[DNAME_TEXT_SIZE];
	struct dns_query q;
	assert_int_equal(dns_query_parse(QUERY_PLAIN, &q), DNS_QUERY_OK);
	assert_int_equal(q.id, 0x1234);
	assert_int_equal(q.type, DNS_TYPE_A);
	assert_int_equal(q.class, DNS_CLASS_IN);
	assert_true(q.flags & DNS_FLAG_RD);
	assert_false(q.edns.is_present);
	assert_false(q.has_signature);
	assert_string_equal(print(&q, text), "www.example.com");
	assert_int_equal(q.name.labels, 3);
	assert_memory_equal(q.question.bytes, "\3wWw\7ExAmple\3com\0\0\1\0\1", q.question.size);
	assert_int_equal(q.question.size, 21);
	assert_int_equal(dns_query_udp_size_max(&q, 1232), 512);
}

static void edns_options_are_read(void **state)
{
	(void)state;
	struct dns_query q;
	assert_int_equal(dns_query_parse(QUERY_EDNS, &q), DNS_QUERY_OK);
	assert_int_equal(q.type, DNS_TYPE_HTTPS);
	assert_true(q.edns.is_present && q.edns.wants_dnssec);
	assert_true(q.edns.has_padding && q.edns.has_keepalive);
	assert_false(q.edns.has_nsid);
	assert_int_equal(q.edns.udp_size, 1232);
	assert_int_equal(q.edns.cookie.size, 8);
	assert_memory_equal(q.edns.cookie.bytes, "\0\1\2\3\4\5\6\7", 8);
	assert_int_equal(dns_query_udp_size_max(&q, 4096), 1232);
	assert_int_equal(dns_query_udp_size_max(&q, 1000), 1000);
}

static void faults_get_the_verdict_of_their_rfc(void **state)
{
	(void)state;
	struct dns_query q;
	assert_int_equal(dns_query_parse(QUERY_VERSION1, &q), DNS_QUERY_BADVERS);
	assert_int_equal(dns_query_rcode(DNS_QUERY_BADVERS), 16);
	assert_true(q.question.size > 0);
	assert_int_equal(dns_query_parse(QUERY_TWO_OPT, &q), DNS_QUERY_FORMERR);
	assert_int_equal(dns_query_parse(QUERY_COOKIE_ONLY, &q), DNS_QUERY_COOKIE);
	assert_int_equal(q.question.size, 0);
	assert_int_equal(dns_query_parse(QUERY_TSIG, &q), DNS_QUERY_OK);
	assert_true(q.has_signature);
	assert_int_equal(dns_query_parse(MESSAGE_A, &q), DNS_QUERY_DROP);
}

/* Parses QUERY_EDNS after one of its bytes was changed. */
static enum dns_query_verdict parse_changed(size_t at, uint8_t value)
{
	uint8_t bytes[512];
	struct view packet = QUERY_EDNS;
	memcpy(bytes, packet.bytes, packet.size);
	bytes[at] = value;
	struct dns_query q;
	return dns_query_parse(view_of(bytes, packet.size), &q);
}

static void header_faults_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(parse_changed(0, 0xff), DNS_QUERY_OK);
	assert_int_equal(parse_changed(2, 0x81), DNS_QUERY_DROP);
	assert_int_equal(parse_changed(2, 0x29), DNS_QUERY_NOTIMP); /* UPDATE */
	assert_int_equal(parse_changed(2, 0x79), DNS_QUERY_NOTIMP); /* unassigned */
	assert_int_equal(parse_changed(3, 0x40), DNS_QUERY_OK);     /* Z is ignored */
	assert_int_equal(parse_changed(5, 2), DNS_QUERY_FORMERR);   /* two questions */
	assert_int_equal(parse_changed(5, 0), DNS_QUERY_FORMERR);   /* none */
	assert_int_equal(parse_changed(7, 1), DNS_QUERY_FORMERR);   /* the OPT as an answer */
	assert_int_equal(parse_changed(11, 0), DNS_QUERY_FORMERR);  /* bytes that nobody counted */
	assert_int_equal(parse_changed(11, 2), DNS_QUERY_FORMERR);  /* a record that is not there */
	assert_int_equal(parse_changed(12, 0xc0), DNS_QUERY_FORMERR); /* pointer into the header */
	assert_int_equal(parse_changed(12, 0x43), DNS_QUERY_FORMERR); /* label type 01 */
}

static void an_opcode_is_refused_before_anything_else_is_read(void **state)
{
	(void)state;
	struct dns_query q;
	struct view header_only = view_of("\0\7\x28\0\0\1\0\0\0\0\0\0", 12);
	assert_int_equal(dns_query_parse(header_only, &q), DNS_QUERY_NOTIMP);
	assert_int_equal(q.id, 7);
	assert_int_equal(q.question.size, 0);
}

/* Builds a query for the root with one option. */
static enum dns_query_verdict parse_option(const char *option, size_t size, struct dns_query *q)
{
	static uint8_t bytes[256];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_bytes(&w, "\0\1\1\0\0\1\0\0\0\0\0\1\0\0\1\0\1", 17);
	write_bytes(&w, "\0\0\x29\x04\xd0\0\0\0\0", 9);
	write_u16(&w, (uint16_t)size);
	write_bytes(&w, option, size);
	return dns_query_parse(view_of(bytes, writer_size(&w)), q);
}

static void options_of_a_wrong_size_are_a_format_error(void **state)
{
	(void)state;
	struct dns_query q;
	assert_int_equal(parse_option("\0\x0a\0\7abcdefg", 11, &q), DNS_QUERY_FORMERR);
	assert_int_equal(parse_option("\0\x0a\0\x0f"
	                              "0123456789abcde",
	                              19, &q),
	                 DNS_QUERY_FORMERR);
	assert_int_equal(parse_option("\0\x0a\0\x10"
	                              "0123456789abcdef",
	                              20, &q),
	                 DNS_QUERY_OK);
	assert_int_equal(q.edns.cookie.size, 16);
	assert_int_equal(parse_option("\0\x0f\0\1x", 5, &q), DNS_QUERY_FORMERR);
	assert_int_equal(parse_option("\0\x0f\0\0", 4, &q), DNS_QUERY_OK);
	assert_false(q.edns.has_ede);
	assert_int_equal(parse_option("\0\x0f\0\2\0\x0f", 6, &q), DNS_QUERY_OK);
	assert_int_equal(q.edns.ede_code, 15);
	assert_int_equal(parse_option("\0\x0c\0\4xxx", 7, &q), DNS_QUERY_FORMERR);
	assert_int_equal(parse_option("\0\x0c\0", 3, &q), DNS_QUERY_FORMERR);
}

static void no_prefix_of_a_query_is_taken_for_one(void **state)
{
	(void)state;
	struct view packet = QUERY_EDNS;
	struct dns_query q;
	for (size_t size = 0; size < packet.size; size++) {
		enum dns_query_verdict verdict = dns_query_parse(view_of(packet.bytes, size), &q);
		assert_int_equal(verdict, size < 12 ? DNS_QUERY_DROP : DNS_QUERY_FORMERR);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_query_is_read_and_its_case_is_kept_for_the_echo),
		cmocka_unit_test(edns_options_are_read),
		cmocka_unit_test(faults_get_the_verdict_of_their_rfc),
		cmocka_unit_test(header_faults_are_told_apart),
		cmocka_unit_test(an_opcode_is_refused_before_anything_else_is_read),
		cmocka_unit_test(options_of_a_wrong_size_are_a_format_error),
		cmocka_unit_test(no_prefix_of_a_query_is_taken_for_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
