/* The walk over TLS records: a message that is given does not depend on what follows it, has the bytes that
 * the records have, and lies in the stream or in the room. What lies in each hello and in the server's answer
 * lies in the input; a part of a hello gives no name that the whole does not give. */
#include "tests/fuzz/check.h"
#include "wire/ja4.h"
#include "wire/tls_hello.h"
#include "wire/tls_record.h"
#include "wire/tls_server_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool lies_in(struct view v, struct view in)
{
	return v.size == 0 || (v.bytes >= in.bytes && v.bytes + v.size <= in.bytes + in.size);
}

static bool has_name(const struct tls_hello *h, struct view name)
{
	for (unsigned i = 0; i < h->names_count; i++) {
		if (view_equal(h->names[i], name))
			return true;
	}
	return h->has_more_names;
}

static void check_lists(const struct tls_hello *h, struct view body)
{
	struct view rest = h->alpn, content;
	uint16_t type;
	while (tls_alpn_next(&rest, &content))
		CHECK(lies_in(content, h->alpn));
	rest = h->extensions;
	while (tls_extension_next(&rest, &type, &content))
		CHECK(lies_in(content, h->extensions));
	CHECK(lies_in(h->alpn, body) && lies_in(h->signature_algorithms, body));
	CHECK(lies_in(h->ciphers, body) && lies_in(h->cookie, body));
}

static void check_fingerprint(const struct tls_hello *h)
{
	char text[JA4_SIZE];
	int code = ja4_write(h, JA4_QUIC, text);
	CHECK(code == OK || code == ERR_LIMIT);
	if (code == OK)
		CHECK(memchr(text, 0, sizeof(text)) == text + JA4_SIZE - 1 && text[0] == 'q' &&
		      text[10] == '_' && text[23] == '_');
}

static void check_hello(struct view body)
{
	struct tls_hello whole, part;
	int code = tls_hello_parse(body, &whole);
	CHECK(code == OK || code == ERR_MALFORMED);
	if (code != OK)
		return;
	CHECK(whole.names_count <= TLS_HELLO_NAMES_MAX && whole.fault != TLS_HELLO_PART);
	check_lists(&whole, body);
	check_fingerprint(&whole);
	for (unsigned i = 0; i < whole.names_count; i++)
		CHECK(whole.names[i].size && lies_in(whole.names[i], body));
	size_t size = body.size / 2 + body.bytes[body.size - 1] % (body.size / 2 + 1);
	if (tls_hello_parse_part(view_of(body.bytes, size), &part) != OK)
		return;
	CHECK(part.fault == TLS_HELLO_PART);
	for (unsigned i = 0; i < part.names_count; i++)
		CHECK(has_name(&whole, part.names[i]));
}

/* The first message of the stream, from as little of it as the walk needed. */
static void check_shortest(struct view stream, struct view message)
{
	static uint8_t room[1 << 14];
	struct tls_records r;
	struct tls_message m;
	tls_records_open(stream, room, sizeof(room), &r);
	CHECK(tls_records_next(&r, &m) == OK && m.bytes.size == message.size);
	CHECK(memcmp(m.bytes.bytes, message.bytes, message.size) == 0);
	tls_records_open(view_of(stream.bytes, stream.size - 1), room, sizeof(room), &r);
	CHECK(tls_records_next(&r, &m) == ERR_TRUNCATED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t room[1 << 14];
	struct tls_records r;
	struct tls_message m;
	enum tls_answer answer;
	struct view stream = view_of(bytes, size), first = {0};
	tls_records_open(stream, room, sizeof(room), &r);
	int code;
	for (unsigned count = 0; (code = tls_records_next(&r, &m)) == OK; count++) {
		CHECK(r.at <= size && m.bytes.size == m.body.size + TLS_MESSAGE_HEADER_SIZE);
		CHECK(lies_in(m.bytes, stream) || lies_in(m.bytes, view_of(room, sizeof(room))));
		if (count == 0) {
			first = m.bytes;
			check_shortest(view_of(bytes, r.at), first);
		}
		if (m.type == TLS_CLIENT_HELLO)
			check_hello(m.body);
	}
	CHECK(code == ERR_TRUNCATED || code == ERR_MISSING || code == ERR_VERSION ||
	      code == ERR_LIMIT || code == ERR_MALFORMED);
	code = tls_answer_read(stream, &answer);
	CHECK(code == OK || code == ERR_TRUNCATED || code == ERR_MISSING || code == ERR_VERSION ||
	      code == ERR_MALFORMED);
	return 0;
}
