#include "base/prefix.h"
#include "tests/test.h"

static struct prefix parsed(const char *text)
{
	struct prefix p;
	assert_int_equal(prefix_parse(view_text(text), &p), OK);
	return p;
}

static void prints_what_it_parses(void **state)
{
	(void)state;
	static const char *same[] = {"0.0.0.0/0",     "10.0.0.0/8", "192.0.2.128/25", "192.0.2.1",
	                             "2001:db8::/32", "::/0",       "2001:db8::1",    "fe80::/10",
	                             "10.64.0.0/10",  "::1",        "8000::/1",       "0.9.10.99",
	                             "99.100.199.255"};
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct prefix p = parsed(same[i]);
		char text[PREFIX_TEXT_SIZE];
		assert_string_equal(prefix_print(&p, text), same[i]);
	}
}

static void a_mapped_address_is_its_ipv4_address(void **state)
{
	(void)state;
	struct prefix a = parsed("::ffff:192.0.2.0/120"), b = parsed("192.0.2.0/24");
	assert_true(prefix_equal(&a, &b));
	uint8_t bytes[16];
	enum address_family family;
	assert_int_equal(prefix_parse_address(view_text("::ffff:c000:201"), bytes, &family), OK);
	assert_int_equal(family, ADDRESS_V4);
	char text[PREFIX_TEXT_SIZE];
	assert_string_equal(prefix_print_address(bytes, family, text), "192.0.2.1");
}

static void refuses_bits_after_the_prefix(void **state)
{
	(void)state;
	static const char *bad[] = {"10.0.0.1/8", "192.0.2.129/25", "2001:db8::1/64", "8000::/0"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct prefix p = {.bits = 7};
		assert_int_equal(prefix_parse(view_text(bad[i]), &p), ERR_INVALID);
		assert_int_equal(p.bits, 7);
	}
}

static void refuses_what_is_no_address(void **state)
{
	(void)state;
	static const char *bad[] = {"",         "/",          "/8",           "10.0.0.0/",
	                            "10.0.0/8", "10.0.0.0/x", "10.0.0.0/33",  "10.0.0.0/08",
	                            "::/129",   "::/0128",    "fe80::1%eth0", "10.0.0.0/8/8",
	                            "010.0.0.1"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct prefix p;
		assert_int_equal(prefix_parse(view_text(bad[i]), &p), ERR_MALFORMED);
	}
	struct prefix p;
	assert_int_equal(prefix_parse(view_of("10.0.0.1\0.2", 11), &p), ERR_MALFORMED);
}

static void a_block_contains_its_addresses_only(void **state)
{
	(void)state;
	static const struct {
		const char *block, *address;
		bool is_in;
	} cases[] = {
		{"10.64.0.0/10", "10.64.0.0", true},    {"10.64.0.0/10", "10.127.255.255", true},
		{"10.64.0.0/10", "10.128.0.0", false},  {"10.64.0.0/10", "10.63.255.255", false},
		{"0.0.0.0/0", "203.0.113.9", true},     {"0.0.0.0/0", "2001:db8::1", false},
		{"192.0.2.1", "192.0.2.1", true},       {"192.0.2.1", "192.0.2.0", false},
		{"2001:db8::/33", "2001:db8::1", true}, {"2001:db8::/33", "2001:db8:8000::", false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct prefix block = parsed(cases[i].block), one = parsed(cases[i].address);
		assert_int_equal(prefix_contains(&block, one.bytes, one.family), cases[i].is_in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_it_parses),
		cmocka_unit_test(a_mapped_address_is_its_ipv4_address),
		cmocka_unit_test(refuses_bits_after_the_prefix),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(a_block_contains_its_addresses_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
