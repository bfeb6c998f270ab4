#include "flow/recogniser_internal.h"
#include "wire/starttls.h"

/* Of the side that did not speak: no dialect begins so. */
static const uint8_t silence[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

enum { TLS_BYTE = 0x16, BEGINNINGS_MAX = 8 };

/* Where TLS may begin from `from` on: a server drops what came before it said so, and that may have the byte, too. The first
 * beginning that leads to a whole hello is taken. */
static int hear_beginnings(struct view bytes, size_t from, const struct conversation *tls,
                           const struct ear *ear, struct heard *ret)
{
	struct heard heard;
	unsigned parts = 0;
	while (from < bytes.size) {
		int r = hear_tls(tls, view_skip(bytes, from), ear, &heard);
		if (r != ERR_MISSING && r != ERR_TRUNCATED) {
			*ret = heard;
			ret->end += from;
			return r;
		}
		parts += r == ERR_TRUNCATED;
		if (parts > BEGINNINGS_MAX)
			return ERR_LIMIT;
		const uint8_t *next =
			memchr(bytes.bytes + from + 1, TLS_BYTE, bytes.size - from - 1);
		from = next ? (size_t)(next - bytes.bytes) : bytes.size;
	}
	ret->is_optional = !parts;
	return ERR_TRUNCATED;
}

/* Protocols in which a client may ask for TLS. Until it does there is nobody to be asked for, and it may never. */
int hear_starttls(const struct conversation *at, struct view bytes, const struct ear *ear,
                  struct heard *ret)
{
	enum starttls_dialect dialect = at->dialect;
	const struct conversation tls = {.stage = STAGE_START, .hellos = at->hellos};
	bool is_tls = at->stage == STAGE_STARTTLS && bytes.size && bytes.bytes[0] == TLS_BYTE;
	size_t from = 0;
	if (at->stage == STAGE_START) {
		int r = starttls_recognise(bytes, view_of(silence, sizeof(silence)), &dialect);
		if (r != OK)
			return r;
	}
	*ret = (struct heard){.protocol = FLOW_UNKNOWN, .is_optional = true, .next = *at};
	int r = is_tls ? OK : starttls_find(dialect, bytes, &from);
	if (r != OK)
		return r;
	r = hear_beginnings(bytes, from, &tls, ear, ret);
	/* until the server begins TLS it may have dropped the hello, and go on as before */
	ret->next = (struct conversation){.stage = STAGE_STARTTLS, .dialect = (uint8_t)dialect};
	return r;
}

/* HTTP/2 servers may send their settings at once. */
static bool is_http2_settings(struct view bytes)
{
	enum { FRAME_TYPE_AT = 3, FRAME_SETTINGS = 4 };
	return bytes.size > FRAME_TYPE_AT && bytes.bytes[0] == 0 && bytes.bytes[1] == 0 &&
	       bytes.bytes[FRAME_TYPE_AT] == FRAME_SETTINGS;
}

enum greeting recogniser_greet(struct view from_server, struct conversation *ret)
{
	enum starttls_dialect dialect;
	int r = starttls_recognise(view_of(silence, sizeof(silence)), from_server, &dialect);
	if (r == OK) {
		*ret = (struct conversation){.stage = STAGE_STARTTLS, .dialect = (uint8_t)dialect};
		return GREETING_KNOWN;
	}
	if (is_http2_settings(from_server))
		return GREETING_KNOWN;
	return r == ERR_TRUNCATED ? GREETING_PART : GREETING_UNKNOWN;
}
