#include "tests/test.h"
#include "wire/starttls.h"

#define TLS       "\x16\x03\x01"
#define SSL_ASKED "\0\0\0\x08\x04\xd2\x16\x2f"
#define GSS_ASKED "\0\0\0\x08\x04\xd2\x16\x30"
#define LDAP_OID  "1.3.6.1.4.1.1466.20037"
#define LDAP_TLS  "\x30\x1d\x02\x01\x01\x77\x18\x80\x16" LDAP_OID
#define LDAP_BIND "\x30\x0c\x02\x01\x02\x60\x07\x02\x01\x03\x04\x00\x80\x00"
#define MYSQL_TLS                              \
	"\x20\0\0\1\x05\xae\xff\1\0\0\0\1\x2d" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

#define BYTES(text)                                       \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

/* What both sides said first, and whose dialect that is. */
static const struct {
	struct view client, server;
	int code;
	enum starttls_dialect dialect;
} openings[] = {
	{BYTES(""), BYTES("220 mail.example ESMTP\r\n"), OK, STARTTLS_SMTP},
	{BYTES(""), BYTES("220-ftp.example\r\n"), OK, STARTTLS_SMTP},
	{BYTES(""), BYTES("* OK IMAP4rev1"), OK, STARTTLS_IMAP},
	{BYTES(""), BYTES("+OK ready"), OK, STARTTLS_POP3},
	{BYTES(""), BYTES("201 no posting"), OK, STARTTLS_NNTP},
	{BYTES("<?xml version='1.0'?>"), BYTES(""), OK, STARTTLS_XMPP},
	{BYTES("<stream:stream xmlns="), BYTES(""), OK, STARTTLS_XMPP},
	{BYTES(LDAP_TLS), BYTES(""), OK, STARTTLS_LDAP},
	{BYTES(SSL_ASKED), BYTES(""), OK, STARTTLS_POSTGRESQL},
	{BYTES(GSS_ASKED), BYTES(""), OK, STARTTLS_POSTGRESQL},
	{BYTES(""),
         BYTES("\x4a\0\0\0\x0a"
               "8.0.36"),
         OK, STARTTLS_MYSQL},
	{BYTES(""), BYTES(""), ERR_TRUNCATED, 0},
	{BYTES(""), BYTES("22"), ERR_TRUNCATED, 0},
	{BYTES("GET /"), BYTES("SSH-2.0-OpenSSH_9.2"), ERR_MISSING, 0},
	{BYTES("\0\0\0\x08\x04\xd2\x16\x2e"), BYTES("ERROR"), ERR_MISSING, 0},
};

static void a_dialect_is_known_by_who_speaks_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(openings) / sizeof(*openings); i++) {
		enum starttls_dialect dialect = 0;
		int code = starttls_recognise(openings[i].client, openings[i].server, &dialect);
		if (code != openings[i].code || dialect != openings[i].dialect)
			fail_msg("row %zu: %d, %d", i, code, (int)dialect);
	}
}

/* Streams in which TLS begins three bytes before the end. */
static const struct {
	enum starttls_dialect dialect;
	struct view client;
} found[] = {
	{STARTTLS_SMTP, BYTES("EHLO x\r\nSTARTTLS\r\n" TLS)},
	{STARTTLS_SMTP, BYTES("EHLO x\nstarttls \n" TLS)},
	{STARTTLS_SMTP,
         BYTES("EHLO x\r\nSTARTTLS\r\nRSET\r\nSTARTTLS\r\n" TLS)}, /* refused at first */
	{STARTTLS_SMTP, BYTES("AUTH TLS\r\n" TLS)},
	{STARTTLS_SMTP, BYTES("FEAT\r\nauth  ssl\r\n" TLS)},
	{STARTTLS_IMAP, BYTES("a1 CAPABILITY\r\na2 STARTTLS\r\n" TLS)},
	{STARTTLS_POP3, BYTES("CAPA\r\nSTLS\r\n" TLS)},
	{STARTTLS_NNTP, BYTES("STARTTLS\r\n" TLS)},
	{STARTTLS_XMPP, BYTES("<?xml version='1.0'?><stream:stream><starttls xmlns='urn:x'/>" TLS)},
	{STARTTLS_LDAP, BYTES(LDAP_TLS TLS)},
	{STARTTLS_LDAP, BYTES(LDAP_BIND LDAP_TLS TLS)},
	{STARTTLS_POSTGRESQL, BYTES(SSL_ASKED TLS)},
	{STARTTLS_POSTGRESQL, BYTES(GSS_ASKED SSL_ASKED TLS)},
	{STARTTLS_MYSQL, BYTES(MYSQL_TLS TLS)},
};

static void tls_is_found_where_it_begins_and_every_prefix_is_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++) {
		struct view client = found[i].client;
		size_t begin = client.size - 3, at = 0;
		for (size_t size = 0; size <= begin; size++) {
			int code =
				starttls_find(found[i].dialect, view_of(client.bytes, size), &at);
			if (code != ERR_TRUNCATED || at != 0)
				fail_msg("row %zu: %d at %zu bytes", i, code, size);
		}
		assert_int_equal(starttls_find(found[i].dialect, client, &at), OK);
		assert_int_equal(at, begin);
	}
}

static const struct {
	enum starttls_dialect dialect;
	struct view client;
} never[] = {
	{STARTTLS_SMTP, BYTES(TLS)},
	{STARTTLS_SMTP, BYTES("EHLO x\r\n\x01")},
	{STARTTLS_XMPP, BYTES("<?xml?>\x16")},
	{STARTTLS_LDAP, BYTES(LDAP_BIND TLS)},
	{STARTTLS_LDAP, BYTES("\x30\x80")},
	{STARTTLS_POSTGRESQL, BYTES("\0\0\0\x30\0\3\0\0user")},
	{STARTTLS_POSTGRESQL, BYTES(SSL_ASKED "\0\0\0")},
	{STARTTLS_MYSQL, BYTES("\x50\0\0\1")},
	{STARTTLS_MYSQL, BYTES("\x20\0\0\1\x05\xa6\xff\1")},
};

static void where_tls_will_never_begin_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		size_t at = 0;
		int code = starttls_find(never[i].dialect, never[i].client, &at);
		if (code != ERR_MISSING || at)
			fail_msg("row %zu: %d", i, code);
	}
}

static void a_line_that_does_not_ask_for_tls_is_passed_over(void **state)
{
	static const char text[] = "AUTH PLAIN x\r\nMAIL FROM:<starttls@a>\r\nNOOP\r\n";
	size_t at;
	(void)state;
	assert_int_equal(starttls_find(STARTTLS_SMTP, view_text(text), &at), ERR_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dialect_is_known_by_who_speaks_first),
		cmocka_unit_test(tls_is_found_where_it_begins_and_every_prefix_is_truncated),
		cmocka_unit_test(where_tls_will_never_begin_is_told),
		cmocka_unit_test(a_line_that_does_not_ask_for_tls_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
