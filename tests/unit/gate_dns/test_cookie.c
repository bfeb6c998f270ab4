/* The vectors are those of RFC 9018, appendix A. */
#include "gate/dns/cookie.h"
#include "tests/test.h"

enum { NOW_S = 1767225600 };

static const uint8_t key[COOKIE_KEY_SIZE] = {1, 2, 3};
static const char sent[] = "\x24\x64\xc4\xab\xcf\x10\xc9\x57";

static struct address address_of(const char *text)
{
	struct address a;
	assert_int_equal(address_parse(view_text(text), &a), OK);
	return a;
}

static void check_vector(const char *client, const char *cookie, const char *secret)
{
	struct address a = address_of(client);
	uint8_t hash[COOKIE_HASH_SIZE];
	cookie_hash((const uint8_t *)secret, (const uint8_t *)cookie, &a, hash);
	assert_memory_equal(hash, cookie + 16, sizeof(hash));
}

static void cookies_are_those_of_every_other_server(void **state)
{
	(void)state;
	static const char secret[] =
		"\xe5\xe9\x73\xe5\xa6\xb2\xa4\x3f\x48\xe7\xdc\x84\x9e\x37\xbf\xcf";
	static const char before[] =
		"\xdd\x3b\xdf\x93\x44\xb6\x78\xb1\x85\xa6\xf5\xcb\x60\xfc\xa7\x15";
	static const char after[] =
		"\x44\x55\x36\xbc\xd2\x51\x32\x98\x07\x5a\x5d\x37\x96\x63\xc9\x62";
	check_vector("198.51.100.100",
	             "\x24\x64\xc4\xab\xcf\x10\xc9\x57\x01\x00\x00\x00\x5c\xf7\x9f\x11"
	             "\x1f\x81\x30\xc3\xee\xe2\x94\x80",
	             secret);
	check_vector("198.51.100.100",
	             "\x24\x64\xc4\xab\xcf\x10\xc9\x57\x01\x00\x00\x00\x5c\xf7\xa8\x71"
	             "\xd4\xa5\x64\xa1\x44\x2a\xca\x77",
	             secret);
	check_vector("203.0.113.203",
	             "\xfc\x93\xfc\x62\x80\x7d\xdb\x86\x01\xab\xcd\xef\x5c\xf7\x8f\x71"
	             "\xa3\x14\x22\x7b\x66\x79\xeb\xf5",
	             secret);
	check_vector("2001:db8:220:1:59de:d0f4:8769:82b8",
	             "\x22\x68\x1a\xb9\x7d\x52\xc2\x98\x01\x00\x00\x00\x5c\xf7\xc6\x09"
	             "\xa6\xbb\x79\xd1\x66\x25\x50\x7a",
	             after);
	check_vector("2001:db8:220:1:59de:d0f4:8769:82b8",
	             "\x22\x68\x1a\xb9\x7d\x52\xc2\x98\x01\x00\x00\x00\x5c\xf7\xc5\x79"
	             "\x26\x55\x6b\xd0\x93\x4c\x72\xf8",
	             before);
}

static struct view make(struct cookie_jar *jar, const char *client, uint32_t now_s,
                        uint8_t room[static COOKIE_SIZE])
{
	struct address a = address_of(client);
	cookie_make(jar, view_of(sent, COOKIE_CLIENT_SIZE), &a, now_s, room);
	return view_of(room, COOKIE_SIZE);
}

static bool is_ours(struct cookie_jar *jar, struct view cookie, const char *client, uint32_t now_s)
{
	struct address a = address_of(client);
	return cookie_is_ours(jar, cookie, &a, now_s);
}

static void a_cookie_of_ours_is_believed_for_an_hour_and_from_its_client_only(void **state)
{
	(void)state;
	struct cookie_jar jar;
	uint8_t room[COOKIE_SIZE];
	cookie_jar_init(&jar, key);
	struct view cookie = make(&jar, "192.0.2.1", NOW_S, room);
	assert_memory_equal(room, sent, COOKIE_CLIENT_SIZE);
	assert_true(is_ours(&jar, cookie, "192.0.2.1", NOW_S));
	assert_true(is_ours(&jar, cookie, "192.0.2.1", NOW_S + 3600));
	assert_false(is_ours(&jar, cookie, "192.0.2.1", NOW_S + 3601));
	assert_true(is_ours(&jar, cookie, "192.0.2.1", NOW_S - 300));
	assert_false(is_ours(&jar, cookie, "192.0.2.1", NOW_S - 301));
	assert_false(is_ours(&jar, cookie, "192.0.2.2", NOW_S));
	assert_false(is_ours(&jar, view_of(sent, COOKIE_CLIENT_SIZE), "192.0.2.1", NOW_S));
}

static void a_cookie_of_which_one_bit_is_another_is_not_ours(void **state)
{
	(void)state;
	struct cookie_jar jar;
	uint8_t room[COOKIE_SIZE];
	cookie_jar_init(&jar, key);
	struct view cookie = make(&jar, "2001:db8::1", NOW_S, room);
	for (unsigned bit = 0; bit < COOKIE_SIZE * 8; bit++) {
		room[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(is_ours(&jar, cookie, "2001:db8::1", NOW_S));
		room[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(is_ours(&jar, cookie, "2001:db8::1", NOW_S));
}

static void the_secret_changes_daily_and_cookies_live_on_over_midnight(void **state)
{
	(void)state;
	struct cookie_jar jar, other;
	uint8_t late[COOKIE_SIZE], early[COOKIE_SIZE];
	uint32_t midnight = NOW_S - NOW_S % 86400 + 86400;
	cookie_jar_init(&jar, key);
	struct view before = make(&jar, "192.0.2.1", midnight - 1, late);
	struct view after = make(&jar, "192.0.2.1", midnight, early);
	assert_memory_not_equal(jar.secrets[0].bytes, jar.secrets[1].bytes, COOKIE_SECRET_SIZE);
	/* a worker that has just begun, with the same key */
	cookie_jar_init(&other, key);
	assert_true(is_ours(&other, before, "192.0.2.1", midnight + 10));
	assert_true(is_ours(&other, after, "192.0.2.1", midnight + 10));
	assert_true(is_ours(&jar, make(&jar, "192.0.2.1", midnight + 172800, early), "192.0.2.1",
	                    midnight + 172800));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies_are_those_of_every_other_server),
		cmocka_unit_test(a_cookie_of_ours_is_believed_for_an_hour_and_from_its_client_only),
		cmocka_unit_test(a_cookie_of_which_one_bit_is_another_is_not_ours),
		cmocka_unit_test(the_secret_changes_daily_and_cookies_live_on_over_midnight),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
