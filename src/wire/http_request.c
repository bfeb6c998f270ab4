#include "wire/http_request.h"

#include "base/decimal.h"
#include "wire/host_name.h"
#include "wire/http_token.h"

enum { LENGTH_DIGITS_MAX = 18 };

/* What is known of a head while its lines are read. */
struct head {
	struct http_request r;
	bool is_1_1, is_simple; /* simple: of HTTP/0.9, one line */
	bool is_after_host;     /* the line before was a Host field */
	unsigned hosts, lengths, codings;
	bool is_chunked, has_bad_length;
};

static struct view trim(struct view v)
{
	while (v.size && v.bytes[0] <= ' ')
		v = view_skip(v, 1);
	while (v.size && v.bytes[v.size - 1] <= ' ')
		v.size--;
	return v;
}

static bool is_space(uint8_t c)
{
	return c <= ' ' || c == 0x7f;
}

/* The next word between spaces, controls and `separator`; empty at the end. */
static struct view next_word(struct view *rest, uint8_t separator)
{
	while (rest->size && (is_space(rest->bytes[0]) || rest->bytes[0] == separator))
		*rest = view_skip(*rest, 1);
	struct view word = view_of(rest->bytes, 0);
	while (word.size < rest->size && !is_space(word.bytes[word.size]) &&
	       word.bytes[word.size] != separator)
		word.size++;
	*rest = view_skip(*rest, word.size);
	return word;
}

static bool is_nocase(struct view a, struct view b)
{
	return a.size == b.size &&
	       strncasecmp((const char *)a.bytes, (const char *)b.bytes, a.size) == 0;
}

static void add_name(struct http_request *r, struct view text)
{
	struct view name = host_name_of(text);
	if (name.size == 0)
		return;
	for (unsigned i = 0; i < r->names_count; i++) {
		if (is_nocase(r->names[i], name))
			return;
	}
	if (r->names_count == HTTP_REQUEST_NAMES_MAX)
		r->has_more_names = true;
	else
		r->names[r->names_count++] = name;
}

/* An authority: the host is behind the last @ of it, or not, as readers go. */
static void add_authority(struct head *h, struct view text)
{
	while (text.bytes) {
		struct view part = view_split(&text, '@');
		h->r.is_odd |= text.bytes != NULL;
		add_name(&h->r, part);
	}
}

/* Each word of it, up to what would begin a path. */
static void add_hosts(struct head *h, struct view value)
{
	struct view word = next_word(&value, ',');
	unsigned count = 0;
	for (; word.size; word = next_word(&value, ',')) {
		struct view rest = word;
		size_t end = 0;
		while (end < word.size && !strchr("/?#\\", word.bytes[end]))
			end++;
		rest.size = end;
		h->r.is_odd |= end < word.size || count++ > 0;
		add_authority(h, rest);
	}
}

/* Only what names a host: "/path" and "*" do not. */
static void read_target(struct head *h, struct view target)
{
	if (target.size == 0 || target.bytes[0] == '/' || target.bytes[0] == '*')
		return;
	bool was_odd = h->r.is_odd;
	struct view rest = target, scheme = view_split(&rest, ':');
	bool has_scheme =
		rest.bytes && http_is_token(scheme) && view_starts_with(rest, view_text("//"));
	add_hosts(h, has_scheme ? view_skip(rest, 2) : target);
	h->r.is_odd = was_odd || (!has_scheme && !view_is(h->r.method, "CONNECT"));
}

static bool is_version(struct view word)
{
	return word.size >= 5 && strncasecmp((const char *)word.bytes, "HTTP/", 5) == 0;
}

enum { VERSION_SIZE = sizeof("HTTP/1.1") - 1 };

static bool ends_with_version(struct view line)
{
	return line.size >= VERSION_SIZE &&
	       is_version(view_of(line.bytes + line.size - VERSION_SIZE, VERSION_SIZE));
}

/* The method that a line begins with, also where nothing sets it off from what follows; empty: none. */
static struct view method_of(struct view line)
{
	static const char *const methods[] = {"GET",     "POST",  "HEAD",   "PUT",  "CONNECT",
	                                      "OPTIONS", "PATCH", "DELETE", "TRACE"};
	for (unsigned i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		struct view method = view_text(methods[i]);
		if (view_starts_with(line, method))
			return view_of(line.bytes, method.size);
	}
	return (struct view){0};
}

/* Without a target, or without spaces around it: servers refuse it, readers of captures find its host all the same. */
static int read_broken_line(struct head *h, struct view line)
{
	struct view method = method_of(line), rest = line;
	bool has_version = ends_with_version(line);
	if (has_version)
		rest.size -= VERSION_SIZE;
	if (method.size == 0 && has_version && http_is_token(h->r.method))
		method = h->r.method; /* CCM_POST /HTTP/1.1 */
	if (method.size == 0 || method.size > rest.size || method.size > HTTP_REQUEST_METHOD_MAX ||
	    (!has_version && rest.size > method.size))
		return ERR_MISSING;
	h->r.method = method;
	h->r.is_odd = true;
	h->r.target = trim(view_skip(rest, method.size));
	read_target(h, h->r.target);
	return OK;
}

/* METHOD target HTTP/1.1, or METHOD target alone. ERR_MISSING when it is neither. */
static int read_request_line(struct head *h, struct view line)
{
	struct view whole = trim(line), rest = whole;
	h->r.method = next_word(&rest, ' ');
	struct view target = next_word(&rest, ' '), last = target, word;
	if (!http_is_token(h->r.method) || h->r.method.size > HTTP_REQUEST_METHOD_MAX)
		return read_broken_line(h, whole);
	unsigned words = 2;
	while ((word = next_word(&rest, ' ')).size) {
		last = word;
		words++;
	}
	h->is_simple = words == 2 && view_is_nocase(h->r.method, "GET") && target.size;
	if (!is_version(last) && !h->is_simple)
		return read_broken_line(h, whole);
	if (view_is(last, "HTTP/2.0") && view_is(h->r.method, "PRI"))
		return ERR_VERSION;
	h->is_1_1 = view_is(last, "HTTP/1.1");
	size_t plain = h->r.method.size + 1 + target.size + 1 + last.size;
	h->r.is_odd |=
		words != 3 || plain != line.size || (!h->is_1_1 && !view_is(last, "HTTP/1.0"));
	h->r.target = is_version(target) ? (struct view){0} : target;
	if (words > 2) /* all that is before the version */
		h->r.target = trim(view_of(target.bytes, (size_t)(last.bytes - target.bytes)));
	read_target(h, h->r.target);
	return OK;
}

static void read_host(struct head *h, struct view value)
{
	h->r.is_odd |= h->hosts++ > 0;
	h->is_after_host = true;
	add_hosts(h, value);
}

static void read_length(struct head *h, struct view value)
{
	h->lengths++;
	if (decimal_parse(trim(value), LENGTH_DIGITS_MAX, &h->r.body_size) < 0)
		h->has_bad_length = true;
}

static void read_coding(struct head *h, struct view value)
{
	h->codings++;
	h->is_chunked = view_is_nocase(trim(value), "chunked");
}

static void read_upgrade(struct head *h, struct view value)
{
	(void)value;
	h->r.is_upgrade = true;
}

static const struct {
	const char *name;
	void (*read)(struct head *h, struct view value);
} readers[] = {
	{"host", read_host},
	{"content-length", read_length},
	{"transfer-encoding", read_coding},
	{"upgrade", read_upgrade},
};

static void read_field(struct head *h, struct view line)
{
	struct view value = line, name = view_split(&value, ':');
	bool is_folded = line.size && (line.bytes[0] == ' ' || line.bytes[0] == '\t');
	h->r.is_odd |= !value.bytes || !http_is_token(name);
	if (is_folded && h->is_after_host) {
		add_hosts(h, line);
	} else {
		h->is_after_host = false;
	}
	for (unsigned i = 0; value.bytes && i < sizeof(readers) / sizeof(*readers); i++) {
		if (view_is_nocase(trim(name), readers[i].name))
			readers[i].read(h, value);
	}
}

/* Some readers end a line at a CR alone. */
static void read_fields_of(struct head *h, struct view line)
{
	while (line.bytes) {
		struct view part = view_split(&line, '\r');
		h->r.is_odd |= line.bytes != NULL;
		if (part.size)
			read_field(h, part);
	}
}

/* With the fields that a CR alone may set off from it. */
static int read_first_line(struct head *h, struct view line)
{
	struct view first = {0};
	while (first.size == 0 && line.bytes)
		first = view_split(&line, '\r');
	int code = read_request_line(h, first);
	if (code == OK && line.bytes)
		read_fields_of(h, line);
	h->r.is_odd |= line.bytes != NULL;
	return code;
}

/* Takes a line off the front, without its end; false when none is whole. */
static bool take_line(struct view *rest, struct head *h, struct view *ret)
{
	if (!rest->size || !memchr(rest->bytes, '\n', rest->size))
		return false;
	struct view line = view_split(rest, '\n');
	bool has_cr = line.size && line.bytes[line.size - 1] == '\r';
	h->r.is_odd |= !has_cr;
	line.size -= has_cr;
	*ret = line;
	return true;
}

static enum http_framing framing_of(const struct head *h)
{
	bool has_no_body = view_is(h->r.method, "GET") || view_is(h->r.method, "HEAD");
	bool has_body = h->codings || (h->lengths && (h->r.body_size > 0 || h->has_bad_length));
	bool is_connect = view_is(h->r.method, "CONNECT");
	if (is_connect && has_body)
		return HTTP_FRAMING_TORN;
	if (is_connect || (h->r.is_upgrade && !has_body))
		return HTTP_FRAMING_OTHER;
	if (h->r.is_odd || h->is_simple || h->has_bad_length || h->lengths + h->codings > 1)
		return HTTP_FRAMING_UNKNOWN;
	if (has_no_body &&
	    has_body) /* some servers pass over such a body, some take it for a request */
		return HTTP_FRAMING_UNKNOWN;
	if (h->codings)
		return h->is_chunked && h->is_1_1 ? HTTP_FRAMING_CHUNKED : HTTP_FRAMING_UNKNOWN;
	return has_body ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_NONE;
}

/* What there is before a first line's end may already show that it is none. */
static int check_beginning(struct view rest)
{
	struct view line = rest;
	while (line.size && view_is_space(line.bytes[0]))
		line = view_skip(line, 1);
	size_t size = 0;
	while (size < line.size && http_is_token_byte(line.bytes[size]))
		size++;
	if (size > HTTP_REQUEST_METHOD_MAX)
		return ERR_MISSING;
	if (size == line.size || (size && view_is_space(line.bytes[size])))
		return ERR_TRUNCATED;
	/* GET/ HTTP/1.1, GETHTTP/1.1 */
	return line.bytes[size] == '/' && method_of(line).size ? ERR_TRUNCATED : ERR_MISSING;
}

/* Up to the empty line; false when that is still to come. */
static bool read_fields(struct head *h, struct view bytes, struct view *rest)
{
	struct view line;
	while (take_line(rest, h, &line)) {
		h->r.head_size = bytes.size - rest->size;
		if (line.size == 0)
			return true;
		read_fields_of(h, line);
	}
	return false;
}

static int parse(struct view bytes, bool is_part, struct http_request *ret)
{
	struct head h = {0};
	struct view rest = bytes, line = {0};
	int code = check_beginning(bytes);
	if (code == ERR_MISSING)
		return code;
	while (trim(line).size == 0) {
		if (!take_line(&rest, &h, &line))
			return code;
	}
	code = read_first_line(&h, line);
	if (code != OK)
		return code;
	h.r.head_size = bytes.size - rest.size;
	bool is_whole = h.is_simple || read_fields(&h, bytes, &rest);
	if (!is_whole && !is_part)
		return ERR_TRUNCATED;
	h.r.is_odd |= is_whole && h.is_1_1 && h.hosts == 0;
	h.r.framing = is_whole ? framing_of(&h) : HTTP_FRAMING_UNKNOWN;
	*ret = h.r;
	return OK;
}

int http_request_parse(struct view bytes, struct http_request *ret)
{
	return parse(bytes, false, ret);
}

int http_request_parse_part(struct view bytes, struct http_request *ret)
{
	return parse(bytes, true, ret);
}

/* A request may begin behind the rest of a body, on the same line: what its target names is behind a scheme. */
static void read_hidden_targets(struct head *h, struct view line)
{
	static const char scheme[] = "://";
	struct view rest = line;
	for (unsigned count = 0; ends_with_version(rest); count++) {
		const uint8_t *at = memmem(rest.bytes, rest.size, scheme, sizeof(scheme) - 1);
		if (!at)
			return;
		if (count == HTTP_REQUEST_NAMES_MAX) {
			h->r.has_more_names = true;
			return;
		}
		rest = view_skip(rest, (size_t)(at - rest.bytes) + sizeof(scheme) - 1);
		struct view target = rest;
		add_hosts(h, next_word(&target, ' '));
	}
}

/* And no line that is folded to the last one may add to them. */
static bool has_names(const struct head *h, struct view rest)
{
	bool is_folded = rest.size && (rest.bytes[0] == ' ' || rest.bytes[0] == '\t');
	return (h->r.names_count || h->r.has_more_names) && !is_folded;
}

void http_request_scan(struct view bytes, struct http_request *ret)
{
	struct head h = {0};
	struct view rest = bytes, line;
	while (!has_names(&h, rest) && take_line(&rest, &h, &line)) {
		struct head request = h;
		if (line.size && read_first_line(&request, line) == OK && !request.is_simple)
			h.r = request.r;
		read_fields_of(&h, line);
		while (line.bytes)
			read_hidden_targets(&h, trim(view_split(&line, '\r')));
	}
	*ret = (struct http_request){.head_size = bytes.size - rest.size,
	                             .names_count = h.r.names_count,
	                             .has_more_names = h.r.has_more_names};
	memcpy(ret->names, h.r.names, sizeof(ret->names));
}
