#include "wire/tls_hello.h"

#include "base/reader.h"

enum { RANDOM_SIZE = 32, NAME_TYPE_HOST = 0 };

bool tls_extension_next(struct view *extensions, uint16_t *ret_type, struct view *ret_content)
{
	struct reader r = reader_open(extensions->bytes, extensions->size);
	uint16_t type = read_u16(&r);
	struct view content = read_view(&r, read_u16(&r));
	if (r.failed)
		return false;
	*extensions = view_of(r.at, reader_left(&r));
	*ret_type = type;
	*ret_content = content;
	return true;
}

bool tls_alpn_next(struct view *alpn, struct view *ret)
{
	struct reader r = reader_open(alpn->bytes, alpn->size);
	struct view name = read_view(&r, read_u8(&r));
	if (r.failed)
		return false;
	*alpn = view_of(r.at, reader_left(&r));
	*ret = name;
	return true;
}

/* The first fault is kept. */
static void blame(struct tls_hello *h, enum tls_hello_fault fault)
{
	if (h->fault == TLS_HELLO_FAULTLESS)
		h->fault = fault;
}

/* A list with a length of `prefix` bytes before it, which it fills: at least as much of it as is there. */
static struct view read_list(struct view content, size_t prefix, struct tls_hello *h)
{
	struct reader r = reader_open(content.bytes, content.size);
	size_t size = (size_t)read_uint(&r, prefix);
	if (r.failed || size != reader_left(&r))
		blame(h, TLS_HELLO_EXTENSIONS);
	if (r.failed)
		return (struct view){0};
	return read_view(&r, size < reader_left(&r) ? size : reader_left(&r));
}

static void add_name(struct tls_hello *h, struct view name)
{
	if (name.size == 0)
		return;
	if (h->names_count == TLS_HELLO_NAMES_MAX)
		h->has_more_names = true;
	else
		h->names[h->names_count++] = name;
}

static void add_name_and_its_start(struct tls_hello *h, struct view name)
{
	const uint8_t *nul = name.size ? memchr(name.bytes, 0, name.size) : NULL;
	add_name(h, name);
	if (!nul)
		return;
	blame(h, TLS_HELLO_NAMES);
	add_name(h, view_of(name.bytes, (size_t)(nul - name.bytes)));
}

/* Reads on after the first name: some servers do. */
static void read_names(struct view content, struct tls_hello *h)
{
	struct view list = read_list(content, 2, h);
	struct reader r = reader_open(list.bytes, list.size);
	unsigned count = 0;
	for (; reader_left(&r); count++) {
		uint8_t type = read_u8(&r);
		struct view name = read_view(&r, read_u16(&r));
		if (r.failed || name.size == 0 || type != NAME_TYPE_HOST)
			blame(h, TLS_HELLO_NAMES);
		if (!r.failed && type == NAME_TYPE_HOST)
			add_name_and_its_start(h, name);
	}
	if (count != 1)
		blame(h, TLS_HELLO_NAMES);
	h->has_sni = true;
}

static void read_versions(struct view content, struct tls_hello *h)
{
	struct view list = read_list(content, 1, h);
	struct reader r = reader_open(list.bytes, list.size);
	uint16_t highest = 0;
	while (reader_left(&r) >= 2) {
		uint16_t version = read_u16(&r);
		if (!tls_is_grease(version) && version > highest)
			highest = version;
	}
	if (highest)
		h->version = highest;
}

static void read_alpn(struct view content, struct tls_hello *h)
{
	h->alpn = read_list(content, 2, h);
}

static void read_signature_algorithms(struct view content, struct tls_hello *h)
{
	h->signature_algorithms = read_list(content, 2, h);
}

static void read_cookie(struct view content, struct tls_hello *h)
{
	h->cookie = read_list(content, 2, h);
}

static void note_ech(struct view content, struct tls_hello *h)
{
	(void)content;
	h->has_ech = true;
}

/* All that matters of it is that it does not come twice. */
static void leave_unread(struct view content, struct tls_hello *h)
{
	(void)content;
	(void)h;
}

static const struct {
	uint16_t type;
	void (*read)(struct view content, struct tls_hello *h);
} readers[] = {
	{TLS_EXTENSION_SERVER_NAME, read_names},
	{TLS_EXTENSION_SIGNATURE_ALGORITHMS, read_signature_algorithms},
	{TLS_EXTENSION_ALPN, read_alpn},
	{TLS_EXTENSION_PRE_SHARED_KEY, leave_unread},
	{TLS_EXTENSION_EARLY_DATA, leave_unread},
	{TLS_EXTENSION_SUPPORTED_VERSIONS, read_versions},
	{TLS_EXTENSION_COOKIE, read_cookie},
	{TLS_EXTENSION_KEY_SHARE, leave_unread},
	{TLS_EXTENSION_QUIC_PARAMETERS, leave_unread},
	{TLS_EXTENSION_ECH, note_ech},
};

/* What comes a second time is read only for its names: the first of the others stands. */
static void read_extension(uint16_t type, struct view content, uint32_t *seen, struct tls_hello *h)
{
	for (unsigned i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		if (readers[i].type != type)
			continue;
		bool is_again = *seen & UINT32_C(1) << i;
		if (is_again)
			blame(h, TLS_HELLO_TWICE);
		if (!is_again || type == TLS_EXTENSION_SERVER_NAME)
			readers[i].read(content, h);
		*seen |= UINT32_C(1) << i;
	}
}

static void read_extensions(struct view block, struct tls_hello *h)
{
	struct view rest = block, content;
	uint32_t seen = 0;
	uint16_t type;
	while (tls_extension_next(&rest, &type, &content))
		read_extension(type, content, &seen, h);
	if (rest.size)
		blame(h, TLS_HELLO_EXTENSIONS);
	/* one that is cut off may have names already */
	struct reader r = reader_open(rest.bytes, rest.size);
	if (read_u16(&r) == TLS_EXTENSION_SERVER_NAME && reader_left(&r) > 2)
		read_names(view_of(r.at + 2, reader_left(&r) - 2), h);
}

/* From the compression methods on. A hello may end before its extensions. */
static void read_rest(struct reader *r, struct tls_hello *h)
{
	(void)read_block(r, 1);
	if (reader_left(r) == 0) {
		if (r->failed)
			blame(h, TLS_HELLO_EXTENSIONS);
		return;
	}
	size_t size = read_u16(r);
	if (r->failed || size != reader_left(r))
		blame(h, TLS_HELLO_EXTENSIONS);
	h->extensions = read_view(r, size < reader_left(r) ? size : reader_left(r));
	read_extensions(h->extensions, h);
}

static int parse(struct view body, enum tls_hello_fault fault, struct tls_hello *ret)
{
	struct tls_hello h = {.fault = fault};
	struct reader r = reader_open(body.bytes, body.size);
	h.version = read_u16(&r);
	h.random = read_view(&r, RANDOM_SIZE);
	(void)read_block(&r, 1); /* the session's id */
	h.ciphers = read_view(&r, read_u16(&r));
	if (r.failed)
		return fault == TLS_HELLO_PART ? ERR_TRUNCATED : ERR_MALFORMED;
	read_rest(&r, &h);
	*ret = h;
	return OK;
}

int tls_hello_parse(struct view body, struct tls_hello *ret)
{
	return parse(body, TLS_HELLO_FAULTLESS, ret);
}

int tls_hello_parse_part(struct view body, struct tls_hello *ret)
{
	return parse(body, TLS_HELLO_PART, ret);
}
