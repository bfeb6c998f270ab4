#include "net/proxies.h"
#include "tests/test.h"

static const struct prefix listed[] = {{{192, 0, 2, 1}, 32, ADDRESS_V4},
                                       {{0x20, 0x01, 0x0d, 0xb8}, 32, ADDRESS_V6}};
static const struct proxies proxies = {listed, 2}, nobody;

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FOR       "\xc6\x33\x64\x07" /* 198.51.100.7 */
#define HEADER    SIGNATURE "\x21\x12\0\x0c" FOR "\xc6\x33\x64\x01\x12\x34\0\x35"
#define OF_ITSELF SIGNATURE "\x20\0\0\0"
#define TEXT(t)   view_of(t, sizeof(t) - 1)

static struct datagram datagram(const char *from, struct view bytes)
{
	struct datagram d = {.query = bytes};
	assert_int_equal(address_parse(view_text(from), &d.client), OK);
	return d;
}

static void assert_is(const struct datagram *d, const char *client, const char *query)
{
	char text[ADDRESS_TEXT_SIZE];
	assert_string_equal(address_print(&d->client, text), client);
	assert_true(view_is(d->query, query));
}

static void a_proxy_says_for_whom_it_asks(void **state)
{
	(void)state;
	const char *const from[] = {"192.0.2.1", "2001:db8:7::1"};
	for (int i = 0; i < 2; i++) {
		struct datagram d = datagram(from[i], TEXT(HEADER "query"));
		assert_true(proxies_open(&proxies, &d));
		assert_is(&d, "198.51.100.7", "query");
	}
}

static void a_proxy_may_ask_for_itself(void **state)
{
	(void)state;
	struct datagram d = datagram("192.0.2.1", TEXT(OF_ITSELF "query"));
	assert_true(proxies_open(&proxies, &d));
	assert_is(&d, "192.0.2.1", "query");
}

static void nobody_else_is_believed(void **state)
{
	(void)state;
	struct datagram d = datagram("192.0.2.2", TEXT(SIGNATURE));
	assert_true(proxies_open(&proxies, &d));
	assert_int_equal(d.query.size, sizeof(SIGNATURE) - 1);
	d = datagram("192.0.2.1", TEXT(SIGNATURE));
	assert_true(proxies_open(&nobody, &d));
	assert_int_equal(d.query.size, sizeof(SIGNATURE) - 1);
}

static void a_proxy_that_does_not_say_it_gets_nothing(void **state)
{
	(void)state;
	const struct view wrong[] = {TEXT("query"), TEXT(SIGNATURE "\x21\x12\0\x0c" FOR),
	                             TEXT(SIGNATURE), TEXT(SIGNATURE "\x11\x12\0\0query"),
	                             TEXT(HEADER)};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct datagram d = datagram("192.0.2.1", wrong[i]);
		assert_false(proxies_open(&proxies, &d));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxy_says_for_whom_it_asks),
		cmocka_unit_test(a_proxy_may_ask_for_itself),
		cmocka_unit_test(nobody_else_is_believed),
		cmocka_unit_test(a_proxy_that_does_not_say_it_gets_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
