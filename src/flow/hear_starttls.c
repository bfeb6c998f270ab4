#include "flow/recogniser_internal.h"
#include "wire/starttls.h"

/* Of the side that did not speak: no dialect begins so. */
static const uint8_t silence[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* Protocols in which a client may ask for TLS. Until it does there is nobody to be asked for, and it may never. */
int hear_starttls(const struct conversation *at, struct view bytes, const struct ear *ear,
                  struct heard *ret)
{
	enum starttls_dialect dialect = at->dialect;
	const struct conversation tls = {.stage = STAGE_TLS, .hellos = at->hellos};
	size_t from;
	if (at->stage == STAGE_START) {
		int r = starttls_recognise(bytes, view_of(silence, sizeof(silence)), &dialect);
		if (r != OK)
			return r;
	}
	*ret = (struct heard){.protocol = FLOW_UNKNOWN, .is_optional = true, .next = *at};
	int r = starttls_find(dialect, bytes, &from);
	if (r != OK)
		return r;
	r = hear_tls(&tls, view_skip(bytes, from), ear, ret);
	ret->end += from;
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
