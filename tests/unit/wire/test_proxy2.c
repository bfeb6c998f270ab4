#include "base/writer.h"
#include "tests/test.h"
#include "wire/proxy2.h"

enum { LOCAL = 0x20, PROXY = 0x21, TCP4 = 0x11, UDP4 = 0x12, TCP6 = 0x21, UNIX = 0x31, NONE = 0 };

static uint8_t room[4096];

/* A header with `rest` behind its first 16 bytes. */
static struct view header(uint8_t command, uint8_t kind, struct view rest)
{
	struct writer w = writer_open(room, sizeof(room));
	write_bytes(&w, "\r\n\r\n\0\r\nQUIT\n", 12);
	write_u8(&w, command);
	write_u8(&w, kind);
	write_u16(&w, (uint16_t)rest.size);
	write_view(&w, rest);
	assert_false(w.failed);
	return view_of(room, writer_size(&w));
}

#define BYTES(text) view_of(text, sizeof(text) - 1)
#define V4          "\xc0\0\2\1\xc0\0\2\2\x12\x34\0\x35"
#define V6                                                                             \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2" \
	"\x12\x34\0\x35"
#define ADDITION "\xea\0\4name"

static void expect(struct view bytes, const char *client)
{
	struct proxy2 p;
	char text[ADDRESS_TEXT_SIZE];
	assert_int_equal(proxy2_parse(bytes, &p), OK);
	assert_int_equal(p.size, bytes.size);
	assert_string_equal(address_print(&p.client, text), client);
	for (size_t i = 0; i < bytes.size; i++)
		assert_int_equal(proxy2_parse(view_of(bytes.bytes, i), &p), ERR_TRUNCATED);
}

static void the_client_is_read_and_every_prefix_is_truncated(void **state)
{
	(void)state;
	expect(header(PROXY, TCP4, BYTES(V4)), "192.0.2.1");
	expect(header(PROXY, UDP4, BYTES(V4)), "192.0.2.1");
	expect(header(PROXY, TCP6, BYTES(V6)), "2001:db8::1");
	expect(header(PROXY, TCP4, BYTES(V4 ADDITION ADDITION)), "192.0.2.1");
}

static void who_speaks_for_itself_or_cannot_tell_names_no_client(void **state)
{
	(void)state;
	expect(header(LOCAL, NONE, BYTES("")), "-");
	expect(header(LOCAL, TCP4, BYTES(V4)), "-");
	expect(header(PROXY, NONE, BYTES("anything")), "-");
	char paths[216] = {0};
	expect(header(PROXY, UNIX, view_of(paths, sizeof(paths))), "-");
}

static void what_follows_the_header_is_not_its_own(void **state)
{
	struct proxy2 p;
	(void)state;
	struct view v = header(PROXY, TCP4, BYTES(V4));
	assert_int_equal(proxy2_parse(view_of(v.bytes, v.size + 9), &p), OK);
	assert_int_equal(p.size, v.size);
}

static void other_versions_commands_families_and_sizes_are_malformed(void **state)
{
	struct proxy2 p;
	(void)state;
	assert_int_equal(proxy2_parse(header(0x11, TCP4, BYTES(V4)), &p), ERR_MALFORMED);
	assert_int_equal(proxy2_parse(header(0x22, TCP4, BYTES(V4)), &p), ERR_MALFORMED);
	assert_int_equal(proxy2_parse(header(PROXY, 0x41, BYTES(V4)), &p), ERR_MALFORMED);
	assert_int_equal(proxy2_parse(header(PROXY, 0x13, BYTES(V4)), &p), ERR_MALFORMED);
	assert_int_equal(proxy2_parse(header(PROXY, TCP6, BYTES(V4)), &p), ERR_MALFORMED);
	assert_int_equal(proxy2_parse(header(PROXY, TCP4, BYTES(V4 "\xea\0\5name")), &p),
	                 ERR_MALFORMED);
	assert_int_equal(proxy2_parse(header(PROXY, TCP4, BYTES(V4 "\xea")), &p), ERR_MALFORMED);
	assert_int_equal(proxy2_parse(BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 53\r\n"), &p),
	                 ERR_MALFORMED);
}

static void a_header_beyond_the_limit_is_not_waited_for(void **state)
{
	struct proxy2 p;
	(void)state;
	static const uint8_t rest[PROXY2_SIZE_MAX - 15];
	struct view v = header(PROXY, TCP4, view_of(rest, sizeof(rest)));
	assert_int_equal(proxy2_parse(view_of(v.bytes, 16), &p), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_is_read_and_every_prefix_is_truncated),
		cmocka_unit_test(who_speaks_for_itself_or_cannot_tell_names_no_client),
		cmocka_unit_test(what_follows_the_header_is_not_its_own),
		cmocka_unit_test(other_versions_commands_families_and_sizes_are_malformed),
		cmocka_unit_test(a_header_beyond_the_limit_is_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
