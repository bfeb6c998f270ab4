#include "tests/test.h"
#include "tests/unit/wire/tls_fixtures.h"
#include "wire/tls_hello.h"
#include "wire/tls_record.h"

static uint8_t room[1 << 16];

static struct view body_of(const struct hello_maker *h)
{
	size_t size = make_hello(h, room, sizeof(room));
	return view_skip(view_of(room, size), TLS_MESSAGE_HEADER_SIZE);
}

static struct tls_hello parse(const struct hello_maker *h)
{
	struct tls_hello hello;
	assert_int_equal(tls_hello_parse(body_of(h), &hello), OK);
	return hello;
}

static struct view bytes_of(const void *bytes, size_t size)
{
	return view_of(bytes, size);
}
#define BYTES(text) bytes_of(text, sizeof(text) - 1)

static void assert_names(const struct tls_hello *h, unsigned count, const char *const names[])
{
	assert_int_equal(h->names_count, count);
	for (unsigned i = 0; i < count; i++)
		assert_true(view_is(h->names[i], names[i]));
}

static void name_and_protocol_are_read(void **state)
{
	struct tls_hello h =
		parse(&(struct hello_maker){.names = {"Chat.DeepSeek.com"}, .alpn = "http/1.1"});
	struct view alpn;
	(void)state;
	assert_names(&h, 1, (const char *[]){"Chat.DeepSeek.com"});
	assert_true(h.has_sni && !h.has_ech && h.fault == TLS_HELLO_FAULTLESS);
	assert_true(tls_alpn_next(&h.alpn, &alpn) && view_is(alpn, "http/1.1"));
	assert_false(tls_alpn_next(&h.alpn, &alpn));
	assert_int_equal(h.version, 0x0303);
	assert_int_equal(h.ciphers.size, 2);
}

static void a_hello_without_extensions_names_nobody(void **state)
{
	struct tls_hello h;
	struct view body = body_of(&(struct hello_maker){0});
	(void)state;
	body.size -= 2;
	assert_int_equal(tls_hello_parse(body, &h), OK);
	assert_true(h.names_count == 0 && !h.has_sni && h.fault == TLS_HELLO_FAULTLESS);
}

static void every_extension_that_is_asked_for_is_noted(void **state)
{
	static const char more[] =
		"\xfe\x0d\x00\x02\x00\x01"         /* ECH */
		"\x00\x29\x00\x01\x00"             /* pre_shared_key */
		"\x00\x2a\x00\x00"                 /* early_data */
		"\x00\x33\x00\x02\x00\x00"         /* key_share */
		"\x00\x39\x00\x00"                 /* QUIC's parameters */
		"\x00\x2c\x00\x04\x00\x02\x41\x42" /* cookie */
		"\x00\x0d\x00\x06\x00\x04\x04\x03\x08\x04"
		"\x00\x2b\x00\x07\x06\xfa\xfa\x03\x04\x03\x03"; /* versions, GREASE first */
	struct tls_hello h =
		parse(&(struct hello_maker){.names = {"a.example"}, .more = BYTES(more)});
	(void)state;
	assert_int_equal(h.fault, TLS_HELLO_FAULTLESS);
	assert_true(h.has_ech);
	assert_true(view_is(h.cookie, "AB"));
	assert_int_equal(h.signature_algorithms.size, 4);
	assert_int_equal(h.version, 0x0304);
	assert_names(&h, 1, (const char *[]){"a.example"});
}

static void of_several_names_each_is_given_and_the_hello_is_faulty(void **state)
{
	struct tls_hello h = parse(&(struct hello_maker){.names = {"a.example", "b.example"}});
	(void)state;
	assert_names(&h, 2, (const char *[]){"a.example", "b.example"});
	assert_int_equal(h.fault, TLS_HELLO_NAMES);
}

static void of_two_extensions_with_names_each_is_read_and_the_hello_is_faulty(void **state)
{
	static const char again[] = "\x00\x00\x00\x0e\x00\x0c\x00\x00\x09"
				    "b.example";
	struct tls_hello h =
		parse(&(struct hello_maker){.names = {"a.example"}, .more = BYTES(again)});
	(void)state;
	assert_names(&h, 2, (const char *[]){"b.example", "a.example"});
	assert_int_equal(h.fault, TLS_HELLO_TWICE);
}

static void more_names_than_are_kept_are_not_passed_over_in_silence(void **state)
{
	struct writer w;
	uint8_t more[256];
	struct hello_maker h = {.names = {"a", "b", "c", "d"}};
	(void)state;
	w = writer_open(more, sizeof(more));
	make_names(&h, &w);
	h.more = view_of(more, writer_size(&w));
	assert_false(parse(&h).has_more_names);
	make_names(&h, &w);
	h.more = view_of(more, writer_size(&w));
	assert_true(parse(&h).has_more_names);
	assert_int_equal(parse(&h).names_count, TLS_HELLO_NAMES_MAX);
}

/* An SNI extension as it is sent, the names that are read, and the fault. */
static const struct {
	struct view extension;
	const char *names[2];
	enum tls_hello_fault fault;
} odd[] = {
	{{(const uint8_t *)"\0\0\0\0", 4}, {0}, TLS_HELLO_EXTENSIONS},
	{{(const uint8_t *)"\0\0\0\2\0\0", 6}, {0}, TLS_HELLO_NAMES},
	{{(const uint8_t *)"\0\0\0\5\0\3\0\0\0", 9}, {0}, TLS_HELLO_NAMES},
	{{(const uint8_t *)"\0\0\0\6\0\4\0\0\1a", 10}, {"a"}, TLS_HELLO_FAULTLESS},
	{{(const uint8_t *)"\0\0\0\7\0\4\0\0\1ab", 11}, {"a"}, TLS_HELLO_EXTENSIONS},
	{{(const uint8_t *)"\0\0\0\6\0\5\0\0\1a", 10}, {"a"}, TLS_HELLO_EXTENSIONS},
	{{(const uint8_t *)"\0\0\0\6\0\4\0\0\2a", 10}, {0}, TLS_HELLO_NAMES},
	{{(const uint8_t *)"\0\0\0\6\0\4\7\0\1a", 10}, {0}, TLS_HELLO_NAMES},
	{{(const uint8_t *)"\0\0\0\x0a\0\x08\7\0\1z\0\0\1a", 14}, {"a"}, TLS_HELLO_NAMES},
	{{(const uint8_t *)"\0\0\0\x0a\0\x08\0\0\5a.b\0c", 14}, {"a.b"}, TLS_HELLO_NAMES},
	{{(const uint8_t *)"\0\0\0\x0e\0\x0c\0\0\x09"
                           "127.0.0.1",
          18},
         {"127.0.0.1"},
         TLS_HELLO_FAULTLESS},
	{{(const uint8_t *)"\0\0\0\x0a\0\x08\0\0\5a.b..", 14}, {"a.b.."}, TLS_HELLO_FAULTLESS},
};

static void strange_names_are_given_as_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct tls_hello h = parse(&(struct hello_maker){.more = odd[i].extension});
		if (h.fault != odd[i].fault || !h.has_sni)
			fail_msg("row %zu: fault %d", i, (int)h.fault);
		if (!odd[i].names[0]) {
			assert_int_equal(h.names_count, 0);
			continue;
		}
		/* of one with a NUL the part before that is last */
		assert_true(h.names_count > 0);
		assert_true(view_is(h.names[h.names_count - 1], odd[i].names[0]));
	}
}

static void a_name_of_more_than_255_bytes_is_given_whole(void **state)
{
	char name[301];
	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[300] = 0;
	struct tls_hello h = parse(&(struct hello_maker){.names = {name}});
	assert_names(&h, 1, (const char *[]){name});
	assert_int_equal(h.fault, TLS_HELLO_FAULTLESS);
}

static void large_hellos_are_read(void **state)
{
	(void)state;
	for (size_t padding = 1; padding < 60000; padding += 9999) {
		struct hello_maker maker = {.names = {"a.example"}, .padding = padding};
		struct tls_hello h = parse(&maker);
		assert_names(&h, 1, (const char *[]){"a.example"});
	}
}

/* A part gives the name as soon as its last byte is there; the whole is malformed or faulty when cut. */
static void a_part_gives_what_it_has(void **state)
{
	struct hello_maker maker = {.names = {"a.example"}, .alpn = "h2"};
	struct view body = body_of(&maker);
	size_t end = body.size - 9; /* the extension with the protocol */
	struct tls_hello h;
	(void)state;
	for (size_t i = 0; i < body.size; i++) {
		struct view part = view_of(body.bytes, i);
		int code = tls_hello_parse_part(part, &h);
		if (code == OK) {
			assert_int_equal(h.fault, TLS_HELLO_PART);
			assert_int_equal(h.names_count, i >= end);
		} else {
			assert_int_equal(code, ERR_TRUNCATED);
		}
		code = tls_hello_parse(part, &h);
		if (code == OK)
			assert_true(h.fault != TLS_HELLO_FAULTLESS || i == 2 + 32 + 1 + 4 + 2);
		else
			assert_int_equal(code, ERR_MALFORMED);
	}
}

static void bytes_after_the_end_are_a_fault(void **state)
{
	struct view body = body_of(&(struct hello_maker){.names = {"a.example"}});
	struct tls_hello h;
	(void)state;
	assert_int_equal(tls_hello_parse(view_of(body.bytes, body.size + 1), &h), OK);
	assert_int_equal(h.fault, TLS_HELLO_EXTENSIONS);
	assert_names(&h, 1, (const char *[]){"a.example"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_protocol_are_read),
		cmocka_unit_test(a_hello_without_extensions_names_nobody),
		cmocka_unit_test(every_extension_that_is_asked_for_is_noted),
		cmocka_unit_test(of_several_names_each_is_given_and_the_hello_is_faulty),
		cmocka_unit_test(of_two_extensions_with_names_each_is_read_and_the_hello_is_faulty),
		cmocka_unit_test(more_names_than_are_kept_are_not_passed_over_in_silence),
		cmocka_unit_test(strange_names_are_given_as_they_are),
		cmocka_unit_test(a_name_of_more_than_255_bytes_is_given_whole),
		cmocka_unit_test(large_hellos_are_read),
		cmocka_unit_test(a_part_gives_what_it_has),
		cmocka_unit_test(bytes_after_the_end_are_a_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
