#include "tests/test.h"
#include "wire/dns.h"

static void every_type_reads_back_from_its_text(void **state)
{
	(void)state;
	char text[DNS_TYPE_TEXT_SIZE];
	for (uint32_t type = 0; type <= UINT16_MAX; type++) {
		uint16_t parsed = 0;
		const char *name = dns_type_text((uint16_t)type, text);
		assert_int_equal(dns_type_parse(view_text(name), &parsed), OK);
		assert_int_equal(parsed, type);
	}
}

static void a_number_form_is_taken_for_a_known_type(void **state)
{
	(void)state;
	uint16_t type;
	assert_int_equal(dns_type_parse(view_text("type28"), &type), OK);
	assert_int_equal(type, DNS_TYPE_AAAA);
	assert_int_equal(dns_type_parse(view_text("https"), &type), OK);
	assert_int_equal(type, DNS_TYPE_HTTPS);
}

static void what_is_no_type_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"",       "TYPE", "TYPE65536", "TYPE-1",
	                                  "TYPE1x", "AA",   "TYPE000001"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint16_t type = 7;
		assert_int_equal(dns_type_parse(view_text(bad[i]), &type), ERR_MALFORMED);
		assert_int_equal(type, 7);
	}
}

static void codes_have_the_registry_s_words(void **state)
{
	(void)state;
	assert_string_equal(dns_ede_text(DNS_EDE_BLOCKED), "Blocked");
	assert_string_equal(dns_ede_text(DNS_EDE_CENSORED), "Censored");
	assert_string_equal(dns_ede_text(27), "Unsupported NSEC3 Iterations Value");
	assert_string_equal(dns_ede_text(DNS_EDE_FILTERED), "Filtered");
	assert_string_equal(dns_ede_text(DNS_EDE_PROHIBITED), "Prohibited");
	assert_string_equal(dns_ede_text(DNS_EDE_INVALID_DATA), "Invalid Data");
	assert_string_equal(dns_ede_text(30), "Invalid Query Type");
	assert_null(dns_ede_text(31));
	assert_string_equal(dns_rcode_text(DNS_RCODE_BADVERS), "BADVERS");
	assert_null(dns_rcode_text(4095));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_reads_back_from_its_text),
		cmocka_unit_test(a_number_form_is_taken_for_a_known_type),
		cmocka_unit_test(what_is_no_type_is_refused),
		cmocka_unit_test(codes_have_the_registry_s_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
