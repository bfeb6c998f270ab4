#include <stdio.h>

#include "policy/contact.h"
#include "tests/test.h"

/* The contacts of a text, as "[plain]" or "<uri>"; "!" where it goes wrong. */
static const char *contacts(const char *text)
{
	static char out[512];
	struct view rest = view_text(text);
	struct contact c;
	size_t size = 0;
	int r;
	out[0] = 0;
	while ((r = contact_next(&rest, &c)) > 0)
		size += (size_t)snprintf(out + size, sizeof(out) - size,
		                         c.is_plain ? "[" VIEW_FMT "]" : "<" VIEW_FMT ">",
		                         VIEW_ARG(c.text));
	if (r < 0)
		(void)snprintf(out + size, sizeof(out) - size, "!");
	return out;
}

static void addresses_are_found_among_words(void **state)
{
	(void)state;
	assert_string_equal(contacts("it@agency.example"), "[it@agency.example]");
	assert_string_equal(contacts("IT desk (it@agency.example), room 5."),
	                    "[it@agency.example]");
	assert_string_equal(contacts("IT desk <it.desk+dns@a-b.example>."),
	                    "[it.desk+dns@a-b.example]");
	assert_string_equal(contacts("資訊室（it@agency.example）分機 42"), "[it@agency.example]");
	assert_string_equal(
		contacts("a@b.example, tel:+886-2-1234-5678; mailto:c@d.example?subject=DNS"),
		"[a@b.example]<tel:+886-2-1234-5678><mailto:c@d.example?subject=DNS>");
}

static void words_that_are_no_addresses_are_left_alone(void **state)
{
	(void)state;
	static const char *const texts[] = {"",          "the help desk",      "@agency.example",
	                                    "it@",       "it@agency",          "it@-a.example",
	                                    "it@a..b",   "it@agency.example@", "i\"t@agency",
	                                    "call 1234", "https://a.example",  "it@a.example-"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(contacts(texts[i]), "");
}

static void a_uri_that_is_none_is_said(void **state)
{
	(void)state;
	static const char *const texts[] = {"mailto:", "mailto:it", "mailto:it@a.example?x={",
	                                    "tel:",    "tel:1234",  "tel:+",
	                                    "tel:+12", "tel:+1x23"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(contacts(texts[i]), "!");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_found_among_words),
		cmocka_unit_test(words_that_are_no_addresses_are_left_alone),
		cmocka_unit_test(a_uri_that_is_none_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
