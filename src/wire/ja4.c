#include "wire/ja4.h"

#include <sodium.h>

#include "base/reader.h"
#include "base/writer.h"

enum { HASH_SHOWN = 6, COUNT_MAX = 99 };

struct list {
	uint16_t values[JA4_LIST_MAX];
	size_t count;
};

static int add(struct list *l, uint16_t value)
{
	if (tls_is_grease(value))
		return OK;
	if (l->count == JA4_LIST_MAX)
		return ERR_LIMIT;
	l->values[l->count++] = value;
	return OK;
}

static int add_all(struct list *l, struct view pairs)
{
	struct reader r = reader_open(pairs.bytes, pairs.size);
	int code = OK;
	while (code == OK && reader_left(&r) >= 2)
		code = add(l, read_u16(&r));
	return code;
}

static int add_extensions(struct list *l, struct view extensions)
{
	struct view content;
	uint16_t type;
	int code = OK;
	while (code == OK && tls_extension_next(&extensions, &type, &content))
		code = add(l, type);
	return code;
}

/* By insertion: lists are short, and nothing is allocated. */
static void sort(struct list *l)
{
	for (size_t i = 1; i < l->count; i++) {
		uint16_t value = l->values[i];
		size_t at = i;
		for (; at > 0 && l->values[at - 1] > value; at--)
			l->values[at] = l->values[at - 1];
		l->values[at] = value;
	}
}

/* They have places of their own in the fingerprint. */
static void leave_out_name_and_protocol(struct list *l)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (l->values[i] != TLS_EXTENSION_SERVER_NAME && l->values[i] != TLS_EXTENSION_ALPN)
			l->values[kept++] = l->values[i];
	}
	l->count = kept;
}

static char hex_digit(unsigned value)
{
	return "0123456789abcdef"[value & 15];
}

static void write_list(struct writer *w, const struct list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (i > 0)
			write_u8(w, ',');
		for (int shift = 12; shift >= 0; shift -= 4)
			write_u8(w, (uint8_t)hex_digit(l->values[i] >> shift));
	}
}

/* The first half of a hash in digits; zeros where nothing is listed. `second` may be NULL. */
static void write_hash(struct writer *w, const struct list *first, const struct list *second)
{
	uint8_t text[JA4_LIST_MAX * 2 * 5 + 1], hash[crypto_hash_sha256_BYTES] = {0};
	struct writer t = writer_open(text, sizeof(text));
	write_list(&t, first);
	if (second && second->count) {
		write_u8(&t, '_');
		write_list(&t, second);
	}
	if (first->count)
		crypto_hash_sha256(hash, text, writer_size(&t));
	for (size_t i = 0; i < HASH_SHOWN; i++) {
		write_u8(w, (uint8_t)hex_digit(hash[i] >> 4));
		write_u8(w, (uint8_t)hex_digit(hash[i]));
	}
}

static const char *version_text(uint16_t version)
{
	static const struct {
		uint16_t version;
		const char *text;
	} rows[] = {
		{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
		{0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].version == version)
			return rows[i].text;
	}
	return "00";
}

static bool is_letter_or_digit(uint8_t c)
{
	return view_is_digit(c) || view_is_letter(c);
}

static void write_protocol(struct writer *w, struct view alpn)
{
	struct view name = {0};
	if (!tls_alpn_next(&alpn, &name) || name.size == 0) {
		write_view(w, view_text("00"));
		return;
	}
	uint8_t first = name.bytes[0], last = name.bytes[name.size - 1];
	bool is_text = is_letter_or_digit(first) && is_letter_or_digit(last);
	write_u8(w, is_text ? first : (uint8_t)hex_digit(first >> 4));
	write_u8(w, is_text ? last : (uint8_t)hex_digit(last));
}

static void write_count(struct writer *w, size_t count)
{
	if (count > COUNT_MAX)
		count = COUNT_MAX;
	write_u8(w, (uint8_t)('0' + count / 10));
	write_u8(w, (uint8_t)('0' + count % 10));
}

int ja4_write(const struct tls_hello *hello, enum ja4_transport transport,
              char ret[static JA4_SIZE])
{
	struct list ciphers = {.count = 0}, extensions = {.count = 0}, algorithms = {.count = 0};
	struct writer w = writer_open(ret, JA4_SIZE);
	if (add_all(&ciphers, hello->ciphers) != OK ||
	    add_extensions(&extensions, hello->extensions) != OK ||
	    add_all(&algorithms, hello->signature_algorithms) != OK)
		return ERR_LIMIT;
	write_u8(&w, (uint8_t)transport);
	write_view(&w, view_text(version_text(hello->version)));
	write_u8(&w, hello->has_sni ? 'd' : 'i');
	write_count(&w, ciphers.count);
	write_count(&w, extensions.count);
	write_protocol(&w, hello->alpn);
	sort(&ciphers);
	sort(&extensions);
	leave_out_name_and_protocol(&extensions);
	write_u8(&w, '_');
	write_hash(&w, &ciphers, NULL);
	write_u8(&w, '_');
	write_hash(&w, &extensions, &algorithms);
	write_u8(&w, 0);
	return OK;
}
