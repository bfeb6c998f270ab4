#include "scan/text.h"

#include <ctype.h>

#include "scan/forbidden.h"
#include "scan/meet.h"
#include "scan/model_json.h"

enum { KEY_SIZE = 64, SECRET_MIN = 16, AROUND_SIZE = 512 };

struct reading {
	struct scan *scan;
	struct scan_file *file;
	bool has_hashes;  /* # begins a comment */
	bool is_of_model; /* it lies beside weights: its ids stand where find_model.h looks */
	bool is_yaml, is_toml;
	uint8_t sunk_between; /* while only this stands between words, hosts are led nowhere */
	bool has_open_group;  /* one that is not closed: none is looked for any more */
	const uint8_t *line;  /* where this one begins */
	const uint8_t *forbidden_until; /* what stands before it is no use */
	char key[KEY_SIZE];
	char word[SCAN_TEXT_MAX];
	size_t size;
};

static bool has_part(struct view text, const char *const *parts)
{
	char lower[KEY_SIZE];
	size_t size = text.size < sizeof(lower) - 1 ? text.size : sizeof(lower) - 1;
	for (size_t i = 0; i < size; i++)
		lower[i] = (char)tolower(text.bytes[i]);
	lower[size] = '\0';
	for (; *parts; parts++) {
		if (strstr(lower, *parts))
			return true;
	}
	return false;
}

bool scan_text_forbids(struct view key)
{
	static const char *const parts[] = {"block",  "deny",   "denied", "exclude",
	                                    "ignore", "forbid", "banned", NULL};
	return has_part(key, parts);
}

bool scan_text_hides(struct view key)
{
	static const char *const parts[] = {"key",    "token",   "secret", "passw", "credential",
	                                    "cookie", "session", "auth",   NULL};
	static const char *const none[] = {"tokenizer", "author", NULL};
	return has_part(key, parts) && !has_part(key, none);
}

static bool names_model(struct view key)
{
	static const char *const parts[] = {"model",   "llm",     "engine", "deployment",
	                                    "hf-repo", "hf_repo", NULL};
	return has_part(key, parts);
}

bool scan_text_line(struct view *rest, struct view *ret)
{
	if (rest->size == 0)
		return false;
	*ret = view_split(rest, '\n');
	if (ret->size && ret->bytes[ret->size - 1] == '\r')
		ret->size--;
	return true;
}

struct view scan_text_unquote(struct view v)
{
	v = view_trim(v);
	while (v.size && strchr("\"'", v.bytes[0]))
		v = view_skip(v, 1);
	while (v.size && strchr("\"'", v.bytes[v.size - 1]))
		v.size--;
	return v;
}

size_t scan_text_until(struct view v, const char *ends)
{
	size_t size = 0;
	while (size < v.size && !(v.bytes[size] && strchr(ends, v.bytes[size])))
		size++;
	return size;
}

bool scan_text_ends_with(const char *name, const char *end)
{
	size_t size = strlen(name), own = strlen(end);
	return size >= own && strcmp(name + size - own, end) == 0;
}

static bool is_word(uint8_t c)
{
	return isalnum(c) || (c && strchr("._-:/@%+~*[]", c));
}

/* An upper-case name with an underscore, as of variables. */
static bool is_variable(struct view v)
{
	bool has_line = false;
	for (size_t i = 0; i < v.size; i++) {
		if (!isupper(v.bytes[i]) && !isdigit(v.bytes[i]) && v.bytes[i] != '_')
			return false;
		has_line |= v.bytes[i] == '_';
	}
	return has_line && !isdigit(v.bytes[0]);
}

/* The host of `host`, `host:port` or `host/path`, when it can be one; it may end as names in DNS do. */
static struct view host_of(struct view v)
{
	size_t size = 0;
	bool has_dot = false, has_letter = false;
	if (v.size > 1 && v.bytes[v.size - 1] == '.')
		v.size--;
	while (size < v.size && v.bytes[size] != '/' && v.bytes[size] != ':') {
		uint8_t c = v.bytes[size++];
		has_dot |= c == '.';
		has_letter |= isalpha(c) != 0;
		if (!isalnum(c) && c != '.' && c != '-' && c != '*')
			return (struct view){0};
	}
	bool is_host = has_dot && has_letter && v.bytes[0] != '.' && v.bytes[size - 1] != '.';
	return is_host ? view_of(v.bytes, size) : (struct view){0};
}

/* Letters only: a word of any language, where no key says that it is a model. */
static bool is_plain_word(struct view v)
{
	for (size_t i = 0; i < v.size; i++) {
		if (!isalpha(v.bytes[i]))
			return false;
	}
	return true;
}

/* A key whose value is a place. */
static bool names_place(struct view key)
{
	static const char *const parts[] = {"path", "dir",       "file",   "folder", "include",
	                                    "root", "workspace", "branch", NULL};
	return has_part(key, parts);
}

/* An address that hosts are given where they are to lead nowhere. */
static bool is_nowhere(struct view v)
{
	return view_is(v, "0.0.0.0") || view_starts_with(v, view_text("127."));
}

/* As in files of hosts, `0.0.0.0 HOST`, in `HOST:0.0.0.0`, and in rules of clients for proxies, which have whole lists
 * of others: `DOMAIN-SUFFIX,HOST,REJECT`. */
static bool leads_nowhere(const struct reading *r, struct view v, struct view host)
{
	struct view behind = view_skip(v, host.size);
	return r->sunk_between ||
	       (view_starts_with(behind, view_text(":")) && is_nowhere(view_skip(behind, 1)));
}

static enum scan_model sure_of(struct view key, bool is_host)
{
	if (names_model(key))
		return SCAN_MODEL_CERTAIN;
	return is_host || names_place(key) ? SCAN_MODEL_PERHAPS : SCAN_MODEL_LIKELY;
}

/* What stands about a word: a form that keys of several products have is told apart by it. */
static struct view around(const struct reading *r, struct view rest, size_t size)
{
	struct view all = r->file->bytes;
	size_t end = (size_t)(rest.bytes - all.bytes), begin = end - size;
	size_t from = begin > AROUND_SIZE ? begin - AROUND_SIZE : 0;
	size_t until = all.size - end > AROUND_SIZE ? end + AROUND_SIZE : all.size;
	return view_of(all.bytes + from, until - from);
}

/* Any word that is long enough, whatever its key says: where a secret lies is what is told. */
static void take_secret(struct reading *r, struct view word, struct view rest)
{
	if (word.size >= SECRET_MIN)
		(void)scan_meet_secret(r->scan, r->file, view_text(r->key), word,
		                       around(r, rest, word.size));
}

static void take_value(struct reading *r, struct view v, struct view rest)
{
	struct view key = view_text(r->key);
	if (scan_text_forbids(key) || rest.bytes <= r->forbidden_until)
		return;
	if (memmem(v.bytes, v.size, "://", 3)) {
		(void)scan_meet_url(r->scan, r->file, NULL, v);
		return;
	}
	if (scan_text_hides(key))
		return;
	struct view host = host_of(v);
	if (host.size &&
	    (leads_nowhere(r, v, host) || scan_meet_host(r->scan, r->file, NULL, host)))
		return;
	if (is_nowhere(v) || view_starts_with(v, view_text("DOMAIN")))
		r->sunk_between = is_nowhere(v) ? ' ' : ',';
	if (r->is_of_model || (is_plain_word(v) && !names_model(key)))
		return;
	(void)scan_meet_model(r->scan, r->file, v, sure_of(key, host.size != 0));
}

static void set_key(struct reading *r, struct view v)
{
	while (v.size && v.bytes[0] == '-')
		v = view_skip(v, 1);
	size_t size = v.size < KEY_SIZE - 1 ? v.size : KEY_SIZE - 1;
	if (size)
		memcpy(r->key, v.bytes, size);
	r->key[size] = '\0';
	r->sunk_between = 0;
}

/* Whether a word ends as a key does: what stands behind it, past a quote and blanks. */
static bool is_key_end(struct view rest)
{
	size_t i = 0;
	if (i < rest.size && (rest.bytes[i] == '"' || rest.bytes[i] == '\''))
		i++;
	while (i < rest.size && (rest.bytes[i] == ' ' || rest.bytes[i] == '\t'))
		i++;
	return i < rest.size && (rest.bytes[i] == '=' || rest.bytes[i] == ':');
}

/* How far what follows a key reaches that forbids. */
static size_t forbidden_size(struct reading *r, struct view rest, size_t column)
{
	bool has_quote = rest.bytes[0] == '"' || rest.bytes[0] == '\'';
	struct view value = view_skip(rest, has_quote);
	while (value.size && value.bytes[0] && strchr(" \t:=", value.bytes[0]))
		value = view_skip(value, 1);
	size_t before = rest.size - value.size;
	size_t size = r->has_open_group ? 0 : scan_forbidden_group(value);
	r->has_open_group |= size == SIZE_MAX;
	if (size == 0 && r->is_yaml)
		size = scan_forbidden_block(value, column);
	return size == 0 || size == SIZE_MAX ? 0 : before + size;
}

static void set_forbidden(struct reading *r, const uint8_t *begin, struct view rest)
{
	if (rest.size == 0 || rest.bytes <= r->forbidden_until ||
	    !scan_text_forbids(view_text(r->key)))
		return;
	bool has_quote = begin > r->line && (begin[-1] == '"' || begin[-1] == '\'');
	size_t column = (size_t)(begin - r->line) - has_quote;
	r->forbidden_until = rest.bytes + forbidden_size(r, rest, column);
}

static void take_word(struct reading *r, const uint8_t *begin, struct view rest)
{
	struct view v = view_of(r->word, r->size);
	bool is_key = is_key_end(rest);
	while (v.size && strchr(":]", v.bytes[v.size - 1])) {
		is_key |= v.bytes[v.size - 1] == ':';
		v.size--;
	}
	while (v.size && (v.bytes[0] == '[' || v.bytes[0] == ':'))
		v = view_skip(v, 1);
	if (v.size == 0)
		return;
	if (is_variable(v))
		(void)scan_meet_field(r->scan, r->file, "environment", v);
	take_secret(r, v, rest);
	/* llama.cpp's short options for the repository of a model */
	if (view_is(v, "-hf") || view_is(v, "-hfr")) {
		set_key(r, view_text("hf-repo"));
	} else if (is_key || (v.size > 2 && view_starts_with(v, view_text("--")))) {
		set_key(r, v);
		set_forbidden(r, begin, rest);
	} else {
		take_value(r, v, rest);
	}
}

/* Moves past a word and keeps it, without the backslashes that JSON may have before a slash. */
static void read_word(struct reading *r, struct view *rest)
{
	bool is_long = false;
	const uint8_t *begin = rest->bytes;
	r->size = 0;
	while (rest->size) {
		uint8_t c = rest->bytes[0];
		bool is_slash = c == '\\' && rest->size > 1 && rest->bytes[1] == '/';
		if (!is_word(c) && !is_slash)
			break;
		if (r->size == sizeof(r->word))
			is_long = true;
		else if (!is_slash)
			r->word[r->size++] = (char)c;
		*rest = view_skip(*rest, 1);
	}
	if (!is_long)
		take_word(r, begin, *rest);
}

static void skip_line(struct view *rest)
{
	const uint8_t *end = memchr(rest->bytes, '\n', rest->size);
	*rest = view_skip(*rest, end ? (size_t)(end - rest->bytes) : rest->size);
}

static bool is_comment(const struct reading *r, struct view rest, bool is_first, bool is_spaced)
{
	uint8_t c = rest.bytes[0], next = rest.size > 1 ? rest.bytes[1] : 0;
	if (c == '#')
		return r->has_hashes && (is_first || is_spaced);
	return is_first && (c == ';' || (c == '/' && next == '/'));
}

/* `[blocked]` of TOML. */
static void take_header(struct reading *r, struct view rest)
{
	struct view left = rest, line = view_split(&left, '\n');
	if (scan_text_forbids(line))
		r->forbidden_until = rest.bytes + scan_forbidden_table(rest);
}

void scan_text(struct scan *s, struct scan_file *f)
{
	/* a container's settings have no ending, and a # in what made its image */
	bool is_json =
		scan_text_ends_with(f->name, ".json") || view_starts_with(f->bytes, view_text("{"));
	struct reading r = {.scan = s,
	                    .file = f,
	                    .has_hashes = !is_json,
	                    .is_yaml = scan_text_ends_with(f->name, ".yaml") ||
	                               scan_text_ends_with(f->name, ".yml"),
	                    .is_toml = scan_text_ends_with(f->name, ".toml"),
	                    .line = f->bytes.bytes,
	                    .is_of_model = is_json && model_json_is(f->bytes)};
	struct view rest = f->bytes;
	bool is_first = true, is_spaced = false;
	f->line = 1;
	while (rest.size) {
		uint8_t c = rest.bytes[0];
		if (is_comment(&r, rest, is_first, is_spaced)) {
			skip_line(&rest);
			continue;
		}
		if (r.is_toml && is_first && c == '[')
			take_header(&r, rest);
		if (is_word(c)) {
			is_first = is_spaced = false;
			read_word(&r, &rest);
			continue;
		}
		f->line += c == '\n';
		is_first = c == '\n' || (is_first && view_is_space(c));
		is_spaced = view_is_space(c);
		if (c != r.sunk_between && (c != '\t' || r.sunk_between != ' '))
			r.sunk_between = 0;
		rest = view_skip(rest, 1);
		if (c == '\n')
			r.line = rest.bytes;
	}
	f->line = 0;
	explicit_bzero(&r, sizeof(r));
}
