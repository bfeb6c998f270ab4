#include "wire/starttls.h"

#include <stdbool.h>

enum { TLS_BYTE = 0x16 };

/* A word, maybe with the one that must follow it. */
struct command {
	const char *first, *second;
};

static const struct command commands[] = {
	{"STARTTLS", NULL}, {"STLS", NULL},    {"AUTH", "TLS"},
	{"AUTH", "SSL"},    {"AUTH", "TLS-C"}, {"AUTH", "TLS-P"},
};

static struct view next_word(struct view *rest)
{
	while (rest->size && view_is_space(rest->bytes[0]))
		*rest = view_skip(*rest, 1);
	struct view word = view_of(rest->bytes, 0);
	while (word.size < rest->size && !view_is_space(word.bytes[word.size]))
		word.size++;
	*rest = view_skip(*rest, word.size);
	return word;
}

static bool asks_for_tls(struct view line)
{
	struct view word = next_word(&line);
	while (word.size) {
		struct view next = next_word(&line);
		for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
			if (view_is_nocase(word, commands[i].first) &&
			    (!commands[i].second || view_is_nocase(next, commands[i].second)))
				return true;
		}
		word = next;
	}
	return false;
}

/* Whether it is nothing that a line of text may have. */
static bool is_binary(uint8_t c)
{
	return c < ' ' && !view_is_space(c);
}

static int find_tls_byte(struct view client, size_t from, size_t *ret_at)
{
	struct view rest = view_skip(client, from);
	const uint8_t *at = rest.size ? memchr(rest.bytes, TLS_BYTE, rest.size) : NULL;
	if (!at)
		return ERR_TRUNCATED;
	*ret_at = (size_t)(at - client.bytes);
	return OK;
}

static int find_after_line(struct view client, size_t *ret_at)
{
	for (size_t at = 0, begin = 0; at < client.size; at++) {
		if (is_binary(client.bytes[at]))
			return ERR_MISSING;
		if (client.bytes[at] != '\n')
			continue;
		if (asks_for_tls(view_of(client.bytes + begin, at - begin)))
			return find_tls_byte(client, at + 1, ret_at);
		begin = at + 1;
	}
	return ERR_TRUNCATED;
}

static int find_after_element(struct view client, size_t *ret_at)
{
	static const char element[] = "<starttls";
	for (size_t at = 0; at < client.size; at++) {
		if (is_binary(client.bytes[at]))
			return ERR_MISSING;
		if (view_starts_with(view_skip(client, at), view_text(element)))
			return find_tls_byte(client, at, ret_at);
	}
	return ERR_TRUNCATED;
}

/* The size of a BER value with its head; 0 when more bytes may tell, SIZE_MAX when it is none. */
static size_t ber_size(struct view v)
{
	enum { SEQUENCE = 0x30, LENGTH_BYTES_MAX = 4 };
	if (v.size > 0 && v.bytes[0] != SEQUENCE)
		return SIZE_MAX;
	if (v.size < 2)
		return 0;
	size_t count = v.bytes[1] & 0x80 ? v.bytes[1] & 0x7f : 0, size = count ? 0 : v.bytes[1];
	if (count > LENGTH_BYTES_MAX || v.bytes[1] == 0x80)
		return SIZE_MAX;
	if (v.size < 2 + count)
		return 0;
	for (size_t i = 0; i < count; i++)
		size = size << 8 | v.bytes[2 + i];
	return 2 + count + size;
}

static bool has_start_tls_oid(struct view message)
{
	static const char oid[] = "1.3.6.1.4.1.1466.20037";
	return memmem(message.bytes, message.size, oid, sizeof(oid) - 1) != NULL;
}

static int find_after_ldap(struct view client, size_t *ret_at)
{
	bool is_asked = false;
	for (size_t at = 0;;) {
		struct view rest = view_skip(client, at);
		if (is_asked && rest.size && rest.bytes[0] == TLS_BYTE) {
			*ret_at = at;
			return OK;
		}
		size_t size = ber_size(rest);
		if (size == SIZE_MAX)
			return ERR_MISSING;
		if (size == 0 || size > rest.size)
			return ERR_TRUNCATED;
		is_asked |= has_start_tls_oid(view_of(rest.bytes, size));
		at += size;
	}
}

/* A request for GSSAPI may come first, and be refused. */
static int find_after_postgresql(struct view client, size_t *ret_at)
{
	static const uint8_t gss[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x30};
	static const uint8_t ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
	struct view rest = client;
	if (view_starts_with(rest, view_of(gss, sizeof(gss))))
		rest = view_skip(rest, sizeof(gss));
	size_t size = rest.size < sizeof(ssl) ? rest.size : sizeof(ssl);
	bool may_be_gss = rest.size < sizeof(gss) && memcmp(rest.bytes, gss, size) == 0;
	if (size && memcmp(rest.bytes, ssl, size) != 0 && !may_be_gss)
		return ERR_MISSING;
	rest = view_skip(rest, sizeof(ssl));
	if (rest.size == 0)
		return ERR_TRUNCATED;
	if (rest.bytes[0] != TLS_BYTE)
		return ERR_MISSING; /* the server would not */
	*ret_at = (size_t)(rest.bytes - client.bytes);
	return OK;
}

/* A packet of 32 bytes that ends where a user's name would begin. */
static int find_after_mysql(struct view client, size_t *ret_at)
{
	enum { HEADER_SIZE = 4, SIZE = 32, CAPABILITIES_HIGH = HEADER_SIZE + 1, WANTS_TLS = 0x08 };
	if (client.size > 0 && client.bytes[0] != SIZE)
		return ERR_MISSING;
	if (client.size <= CAPABILITIES_HIGH)
		return ERR_TRUNCATED;
	if (client.bytes[1] || client.bytes[2] || !(client.bytes[CAPABILITIES_HIGH] & WANTS_TLS))
		return ERR_MISSING;
	if (client.size <= HEADER_SIZE + SIZE)
		return ERR_TRUNCATED;
	if (client.bytes[HEADER_SIZE + SIZE] != TLS_BYTE)
		return ERR_MISSING;
	*ret_at = HEADER_SIZE + SIZE;
	return OK;
}

/* `skipped` bytes, then the beginning of what the side that speaks first says; in text, case does not count. */
static const struct {
	enum starttls_dialect dialect;
	bool is_client;
	size_t skipped;
	struct view beginning;
	int (*find)(struct view client, size_t *ret_at);
} dialects[] = {
	{STARTTLS_SMTP, false, 0, {(const uint8_t *)"220", 3}, find_after_line},
	{STARTTLS_IMAP, false, 0, {(const uint8_t *)"* ", 2}, find_after_line},
	{STARTTLS_POP3, false, 0, {(const uint8_t *)"+OK", 3}, find_after_line},
	{STARTTLS_NNTP, false, 0, {(const uint8_t *)"200", 3}, find_after_line},
	{STARTTLS_NNTP, false, 0, {(const uint8_t *)"201", 3}, find_after_line},
	{STARTTLS_XMPP, true, 0, {(const uint8_t *)"<?xml", 5}, find_after_element},
	{STARTTLS_XMPP, true, 0, {(const uint8_t *)"<stream:stream", 14}, find_after_element},
	{STARTTLS_LDAP, true, 0, {(const uint8_t *)"\x30", 1}, find_after_ldap},
	{STARTTLS_POSTGRESQL,
         true,
         0,
         {(const uint8_t *)"\0\0\0\x08\x04\xd2\x16\x2f", 8},
         find_after_postgresql},
	{STARTTLS_POSTGRESQL,
         true,
         0,
         {(const uint8_t *)"\0\0\0\x08\x04\xd2\x16\x30", 8},
         find_after_postgresql},
	{STARTTLS_MYSQL, false, 3, {(const uint8_t *)"\0\x0a", 2}, find_after_mysql},
};

/* Whether the bytes begin so; ERR_TRUNCATED while they may. */
static int compare(struct view bytes, size_t skipped, struct view beginning)
{
	struct view there = view_skip(bytes, skipped);
	size_t size = there.size < beginning.size ? there.size : beginning.size;
	if (size &&
	    strncasecmp((const char *)there.bytes, (const char *)beginning.bytes, size) != 0)
		return ERR_MISSING;
	if (size && memchr(beginning.bytes, 0, size) &&
	    memcmp(there.bytes, beginning.bytes, size) != 0)
		return ERR_MISSING; /* text ends at a zero byte, and this is none */
	return size == beginning.size ? OK : ERR_TRUNCATED;
}

int starttls_recognise(struct view client, struct view server, enum starttls_dialect *ret)
{
	int result = ERR_MISSING;
	for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
		struct view side = dialects[i].is_client ? client : server;
		int code = compare(side, dialects[i].skipped, dialects[i].beginning);
		if (code == OK) {
			*ret = dialects[i].dialect;
			return OK;
		}
		if (code == ERR_TRUNCATED)
			result = ERR_TRUNCATED;
	}
	return result;
}

int starttls_find(enum starttls_dialect dialect, struct view client, size_t *ret_at)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
		if (dialects[i].dialect == dialect)
			return dialects[i].find(client, ret_at);
	}
	return ERR_MISSING;
}
