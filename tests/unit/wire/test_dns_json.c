#include <string.h>

#include "tests/test.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_json.h"

static void assert_says(struct view message, const char *expected)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_object_begin(&j, NULL);
	dns_message_json(message, &j);
	json_object_end(&j);
	buffer_add(&out, "", 1);
	if (!strstr((const char *)out.bytes, expected))
		fail_msg("%s is not in %s", expected, (const char *)out.bytes);
	buffer_done(&out);
}

static void header_and_sections_are_shown(void **state)
{
	(void)state;
	assert_says(
		MESSAGE_CNAME_SIGNED,
		"{\"section\":\"answer\",\"name\":\"www.example.com\",\"type\":\"CNAME\",\"ttl\":600,"
		"\"data\":\"edge.cdn.example.net\"}");
	assert_says(MESSAGE_CNAME_SIGNED,
	            "{\"section\":\"additional\",\"name\":\"ns1.example.net\"");
	assert_says(MESSAGE_NXDOMAIN, "\"rcode\":\"NXDOMAIN\",\"rcode_number\":3");
	assert_says(MESSAGE_A, "\"flags\":[\"rd\",\"ra\"");
}

static void data_stands_as_in_a_zone_file(void **state)
{
	(void)state;
	assert_says(MESSAGE_MX_SRV_NAPTR, "\"data\":\"10 mail.example.com\"");
	assert_says(MESSAGE_MX_SRV_NAPTR, "\"data\":\"0 5 5060 sip.example.com\"");
	assert_says(MESSAGE_NXDOMAIN,
	            "\"data\":\"ns1.example.com hostmaster.example.com 2026010100 7200 "
	            "3600 1209600 300\"");
	assert_says(MESSAGE_PTR, "\"data\":\"living\\\\032room.example.com\"");
}

static void what_has_no_text_here_is_written_in_hexadecimal(void **state)
{
	(void)state;
	assert_says(MESSAGE_HTTPS_PLAIN, "\"data\":\"\\\\# ");
}

static void text_is_quoted_and_escaped(void **state)
{
	(void)state;
	static const char message[] =
		"\0\0\x81\x80\0\0\0\1\0\0\0\0\0\0\x10\0\1\0\0\0\5\0\x09\2a\"\5b\\\1\xc3 ";
	assert_says(view_of(message, sizeof(message) - 1),
	            "\"data\":\"\\\"a\\\\\\\"\\\" \\\"b\\\\\\\\\\\\001\\\\195 \\\"\"");
}

static void a_message_that_is_cut_is_called_malformed(void **state)
{
	(void)state;
	struct view whole = MESSAGE_CNAME_SIGNED;
	for (size_t size = 0; size < whole.size; size++)
		assert_says(view_of(whole.bytes, size), "\"malformed\":true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_and_sections_are_shown),
		cmocka_unit_test(data_stands_as_in_a_zone_file),
		cmocka_unit_test(what_has_no_text_here_is_written_in_hexadecimal),
		cmocka_unit_test(text_is_quoted_and_escaped),
		cmocka_unit_test(a_message_that_is_cut_is_called_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
