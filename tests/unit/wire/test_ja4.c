#include "tests/test.h"
#include "tests/unit/wire/corpus.h"
#include "tests/unit/wire/tls_fixtures.h"
#include "wire/ja4.h"
#include "wire/tls_record.h"

static uint8_t bytes[1 << 16], room[1 << 14];

static void assert_ja4(struct view message, enum ja4_transport transport, const char *expected)
{
	struct tls_message m;
	struct tls_hello h;
	char text[JA4_SIZE];
	assert_int_equal(tls_message_read(message, &m), OK);
	assert_int_equal(tls_hello_parse(m.body, &h), OK);
	assert_int_equal(ja4_write(&h, transport, text), OK);
	assert_string_equal(text, expected);
}

/* The lists of the specification's example, in the order of its JA4_ro, with GREASE where Chromium has it. */
static const uint16_t ciphers[] = {0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
static const uint16_t extensions[] = {0x1a1a, 0x001b, 0x0033, 0x4469, 0x0017, 0x002d,
                                      0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01,
                                      0x000b, 0x000a, 0x0015, 0xfafa};
static const uint16_t algorithms[] = {0x0403, 0x0804, 0x0401, 0x0503,
                                      0x0805, 0x0501, 0x0806, 0x0601};

static void write_example_extension(struct writer *w, uint16_t type, bool has_algorithms)
{
	write_u16(w, type);
	uint8_t *content = length_begin(w, 2);
	if (type == 0x002b)
		write_bytes(w, "\4\xda\xda\3\4", 5);
	if (type == 0x000d && has_algorithms) {
		uint8_t *list = length_begin(w, 2);
		for (size_t i = 0; i < sizeof(algorithms) / 2; i++)
			write_u16(w, algorithms[i]);
		length_end(w, list, 2);
	}
	if (type == 0x000d && !has_algorithms)
		write_u16(w, 0);
	length_end(w, content, 2);
}

static struct view example(bool has_algorithms)
{
	uint8_t more[512];
	struct writer w = writer_open(more, sizeof(more));
	for (size_t i = 0; i < sizeof(extensions) / 2; i++)
		write_example_extension(&w, extensions[i], has_algorithms);
	struct hello_maker h = {
		.names = {"a.example"},
		.alpn = "h2",
		.more = view_of(more, writer_size(&w)),
		.ciphers = ciphers,
		.ciphers_count = sizeof(ciphers) / 2,
	};
	return view_of(bytes, make_hello(&h, bytes, sizeof(bytes)));
}

static void the_examples_of_the_specification_come_out(void **state)
{
	(void)state;
	assert_ja4(example(true), JA4_TCP, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	assert_ja4(example(true), JA4_QUIC, "q13d1516h2_8daaf6152771_e5627efa2ab1");
	assert_ja4(example(false), JA4_TCP, "t13d1516h2_8daaf6152771_6d807ffa2a79");
}

/* The first protocol, and what the specification prints of it. */
static const struct {
	const char *alpn, *shown;
} protocols[] = {
	{"h2", "h2"},
	{"http/1.1", "h1"},
	{"x", "xx"},
	{"", "00"},
	{"\xab", "ab"},
	{"\xab\xcd", "ad"},
	{"0\xab", "3b"},
	{"01\xab\xcd", "3d"},
	{"0\xab\xcd"
         "1",
         "01"},
};

static void protocols_are_shown_as_the_specification_shows_them(void **state)
{
	char expected[JA4_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		struct hello_maker h = {.alpn = protocols[i].alpn};
		size_t size = make_hello(&h, bytes, sizeof(bytes));
		(void)snprintf(expected, sizeof(expected), "t12i0101%s_0f2cb44170f4_000000000000",
		               protocols[i].shown);
		assert_ja4(view_of(bytes, size), JA4_TCP, expected);
	}
}

/* What programs sent, and what another implementation of the specification makes of it. */
static const struct {
	const char *file, *expected;
} captured[] = {
	{"tls/openssl_tls13", "t13d311000_e8f1e7e78f70_1f22a2ca17c4"},
	{"tls/openssl_tls12", "t12d2808h2_d943125447b4_e7e480e5a997"},
	{"tls/openssl_no_name", "t13i310900_e8f1e7e78f70_1f22a2ca17c4"},
	{"tls/curl", "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"},
	{"tls/wget", "t13d291300_723694b0fccc_899037bd0b8c"},
	{"tls/chromium", "t13d1517h2_8daaf6152771_cb7bf5808d99"},
};

static void captured_hellos_have_the_fingerprints_that_others_see(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(captured) / sizeof(*captured); i++) {
		struct view stream = corpus_read(captured[i].file, bytes, sizeof(bytes));
		struct tls_records r;
		struct tls_message m;
		tls_records_open(stream, room, sizeof(room), &r);
		assert_int_equal(tls_records_next(&r, &m), OK);
		assert_ja4(m.bytes, JA4_TCP, captured[i].expected);
	}
}

static void what_chromium_sends_is_normal_traffic(void **state)
{
	struct view stream = corpus_read("tls/chromium", bytes, sizeof(bytes));
	struct tls_records r;
	struct tls_message m;
	struct tls_hello h;
	(void)state;
	tls_records_open(stream, room, sizeof(room), &r);
	assert_int_equal(tls_records_next(&r, &m), OK);
	assert_int_equal(tls_hello_parse(m.body, &h), OK);
	assert_true(m.bytes.size > 1700 && h.has_ech && h.version == 0x0304);
	assert_true(h.fault == TLS_HELLO_FAULTLESS && h.names_count == 1);
	assert_true(view_is(h.names[0], "deepseek.com"));
}

static int write_list_of(const uint16_t *many, size_t count, char text[static JA4_SIZE])
{
	struct hello_maker maker = {.ciphers = many, .ciphers_count = count};
	struct tls_message m;
	struct tls_hello h;
	size_t size = make_hello(&maker, bytes, sizeof(bytes));
	assert_int_equal(tls_message_read(view_of(bytes, size), &m), OK);
	assert_int_equal(tls_hello_parse(m.body, &h), OK);
	return ja4_write(&h, JA4_TCP, text);
}

static void endless_lists_and_empty_ones_have_no_hash(void **state)
{
	static uint16_t many[JA4_LIST_MAX + 1];
	char text[JA4_SIZE];
	(void)state;
	memset(many, 0x1a, sizeof(many)); /* GREASE */
	assert_int_equal(write_list_of(many, JA4_LIST_MAX + 1, text), OK);
	assert_string_equal(text, "t12i000000_000000000000_000000000000");
	memset(many, 1, sizeof(many));
	assert_int_equal(write_list_of(many, JA4_LIST_MAX, text), OK);
	assert_memory_equal(text, "t12i990000_", 11);
	text[0] = '-';
	assert_int_equal(write_list_of(many, JA4_LIST_MAX + 1, text), ERR_LIMIT);
	assert_int_equal(text[0], '-');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_specification_come_out),
		cmocka_unit_test(protocols_are_shown_as_the_specification_shows_them),
		cmocka_unit_test(captured_hellos_have_the_fingerprints_that_others_see),
		cmocka_unit_test(what_chromium_sends_is_normal_traffic),
		cmocka_unit_test(endless_lists_and_empty_ones_have_no_hash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
