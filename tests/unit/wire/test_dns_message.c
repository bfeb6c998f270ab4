#include "tests/test.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_message.h"
#include "wire/dns_rdata.h"

/* The n-th record of a type. */
static struct dns_record get_record(struct view message, uint16_t type, unsigned n)
{
	struct dns_walk w;
	struct dns_record record;
	assert_int_equal(dns_walk_open(message, &w), OK);
	while (dns_walk_next(&w, &record) > 0) {
		if (record.type == type && n-- == 0)
			return record;
	}
	fail_msg("no such record");
	return (struct dns_record){0};
}

static void assert_name(const struct dname *name, const char *expected)
{
	char text[DNAME_TEXT_SIZE];
	assert_string_equal(dname_print(name, text), expected);
}

static void assert_target(struct view message, uint16_t type, unsigned n, const char *expected)
{
	struct dns_record record = get_record(message, type, n);
	struct dname name;
	assert_int_equal(dns_rdata_name(message, &record, &name), OK);
	assert_name(&name, expected);
}

static void records_are_walked_in_order_with_their_sections(void **state)
{
	(void)state;
	static const struct {
		enum dns_section section;
		uint16_t type;
		uint32_t ttl;
		const char *owner;
	} expected[] = {
		{DNS_ANSWER, DNS_TYPE_CNAME, 600, "www.example.com"},
		{DNS_ANSWER, DNS_TYPE_RRSIG, 600, "www.example.com"},
		{DNS_ANSWER, DNS_TYPE_A, 60, "edge.cdn.example.net"},
		{DNS_ANSWER, DNS_TYPE_RRSIG, 60, "edge.cdn.example.net"},
		{DNS_AUTHORITY, DNS_TYPE_NS, 3600, "example.net"},
		{DNS_AUTHORITY, DNS_TYPE_NS, 3600, "example.net"},
		{DNS_ADDITIONAL, DNS_TYPE_A, 3600, "ns1.example.net"},
		{DNS_ADDITIONAL, DNS_TYPE_OPT, 0, "."},
	};
	struct view message = MESSAGE_CNAME_SIGNED;
	struct dns_walk w;
	struct dns_record record;
	struct dname owner;
	assert_int_equal(dns_walk_open(message, &w), OK);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(dns_walk_next(&w, &record), 1);
		assert_int_equal(record.section, expected[i].section);
		assert_int_equal(record.type, expected[i].type);
		assert_int_equal(record.ttl, expected[i].ttl);
		assert_int_equal(dns_record_name(message, &record, &owner), OK);
		assert_name(&owner, expected[i].owner);
	}
	assert_int_equal(dns_walk_next(&w, &record), 0);
	assert_int_equal(dns_walk_next(&w, &record), 0);
}

static void names_inside_the_data_are_expanded(void **state)
{
	(void)state;
	assert_target(MESSAGE_CNAME_SIGNED, DNS_TYPE_CNAME, 0, "edge.cdn.example.net");
	assert_target(MESSAGE_CNAME_SIGNED, DNS_TYPE_NS, 1, "ns2.example.net");
	assert_target(MESSAGE_CNAME_SIGNED, DNS_TYPE_RRSIG, 0, "example.com");
	assert_target(MESSAGE_MX_SRV_NAPTR, DNS_TYPE_MX, 0, "mail.example.com");
	assert_target(MESSAGE_MX_SRV_NAPTR, DNS_TYPE_SRV, 0, "sip.example.com");
	assert_target(MESSAGE_MX_SRV_NAPTR, DNS_TYPE_NAPTR, 0, ".");
	assert_target(MESSAGE_PTR, DNS_TYPE_PTR, 0, "living\\032room.example.com");
	assert_target(MESSAGE_HTTPS_ECH, DNS_TYPE_HTTPS, 1, "svc.example.net");
	struct view message = MESSAGE_A;
	struct dns_record record = get_record(message, DNS_TYPE_A, 0);
	struct dname name;
	assert_int_equal(dns_rdata_name(message, &record, &name), ERR_MISSING);
}

static void an_soa_is_read_whole(void **state)
{
	(void)state;
	struct view message = MESSAGE_NXDOMAIN;
	struct dns_record record = get_record(message, DNS_TYPE_SOA, 0);
	struct dns_soa soa;
	assert_int_equal(dns_rdata_soa(message, &record, &soa), OK);
	assert_name(&soa.primary, "ns1.example.com");
	assert_name(&soa.mailbox, "hostmaster.example.com");
	assert_int_equal(soa.serial, 2026010100);
	assert_int_equal(soa.minimum, 300);
}

static void an_address_has_the_size_of_its_type(void **state)
{
	(void)state;
	struct dns_record record = get_record(MESSAGE_A, DNS_TYPE_A, 1);
	struct view address;
	assert_int_equal(dns_rdata_address(&record, &address), OK);
	assert_memory_equal(address.bytes, "\xc0\0\2\2", 4);
	record.rdata.size = 3;
	assert_int_equal(dns_rdata_address(&record, &address), ERR_MALFORMED);
	record.class = DNS_CLASS_CH;
	assert_int_equal(dns_rdata_address(&record, &address), ERR_MISSING);
}

static int walk_all(struct view message)
{
	struct dns_walk w;
	struct dns_record record;
	int r = dns_walk_open(message, &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		struct dname name;
		r = dns_record_name(message, &record, &name);
		if (r < 0)
			return r;
	}
	return r;
}

static void every_prefix_is_truncated(void **state)
{
	(void)state;
	struct view message = MESSAGE_MX_SRV_NAPTR;
	assert_int_equal(walk_all(message), OK);
	for (size_t size = 0; size < message.size; size++)
		assert_int_equal(walk_all(view_of(message.bytes, size)), ERR_TRUNCATED);
}

static void bytes_after_the_last_record_are_malformed(void **state)
{
	(void)state;
	uint8_t bytes[512] = {0};
	struct view message = MESSAGE_A;
	memcpy(bytes, message.bytes, message.size);
	assert_int_equal(walk_all(view_of(bytes, message.size + 1)), ERR_MALFORMED);
}

static void a_pointer_goes_backward_or_nowhere(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size, at;
		int error;
	} cases[] = {
		{"............\xc0\x0c", 14, 12, ERR_MALFORMED},      /* itself */
		{"............\xc0\x0e\1a", 17, 12, ERR_MALFORMED},   /* forward */
		{"............\1a\xc0\x0c", 16, 12, ERR_MALFORMED},   /* its own labels: a loop */
		{"............\1a\0\xc0\x04", 17, 15, ERR_MALFORMED}, /* into the header */
		{"............\1a\0\xc0", 16, 15, ERR_TRUNCATED},     /* half of it */
		{"............\1a\0\1b\xc0\x0c", 19, 15, OK},         /* b.a */
		{"............\x40\0", 14, 12, ERR_MALFORMED},        /* label types 01 */
		{"............\x80\0", 14, 12, ERR_MALFORMED},        /* and 10 */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dname name;
		size_t next = 0;
		struct view message = view_of(cases[i].bytes, cases[i].size);
		assert_int_equal(dns_name_read(message, cases[i].at, &name, &next), cases[i].error);
		if (cases[i].error == OK) {
			assert_name(&name, "b.a");
			assert_int_equal(next, 19);
		}
	}
}

static void a_name_of_255_bytes_is_the_longest(void **state)
{
	(void)state;
	uint8_t bytes[512] = {0};
	size_t at = DNS_HEADER_SIZE;
	for (int i = 0; i < 4; i++, at += 64) {
		bytes[at] = i < 3 ? 63 : 61;
		memset(bytes + at + 1, 'Q', 63);
	}
	bytes[at - 2] = 0;
	struct dname name;
	size_t next;
	assert_int_equal(dns_name_read(view_of(bytes, sizeof(bytes)), 12, &name, &next), OK);
	assert_int_equal(name.size, 255);
	assert_int_equal(name.bytes[253], 'q');
	assert_int_equal(next, 12 + 255);
	memcpy(bytes + 300, "\1b\xc0\x0c", 4);
	assert_int_equal(dns_name_read(view_of(bytes, 512), 300, &name, &next), ERR_LIMIT);
}

static void folding_touches_letters_only(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t bytes[24] = {[12] = 9, [22] = 0};
		memset(bytes + 13, (int)c, 9);
		struct dname name;
		size_t next;
		assert_int_equal(dns_name_read(view_of(bytes, 23), 12, &name, &next), OK);
		for (int i = 1; i <= 9; i++)
			assert_int_equal(name.bytes[i], c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_walked_in_order_with_their_sections),
		cmocka_unit_test(names_inside_the_data_are_expanded),
		cmocka_unit_test(an_soa_is_read_whole),
		cmocka_unit_test(an_address_has_the_size_of_its_type),
		cmocka_unit_test(every_prefix_is_truncated),
		cmocka_unit_test(bytes_after_the_last_record_are_malformed),
		cmocka_unit_test(a_pointer_goes_backward_or_nowhere),
		cmocka_unit_test(a_name_of_255_bytes_is_the_longest),
		cmocka_unit_test(folding_touches_letters_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
