#include "cmd/target.h"

#include <fcntl.h>
#include <string.h>

#include "cmd/model_file.h"

static int fail(const char **ret_problem, const char *problem)
{
	*ret_problem = problem;
	return ERR_INVALID;
}

static int add_text(struct target *t, struct arena *a, enum kind_group group, const char *label,
                    struct view text)
{
	if (t->count == TARGET_FACTS_MAX)
		return ERR_LIMIT;
	char *copy = arena_text(a, text);
	if (!copy)
		return ERR_LIMIT;
	t->items[t->count].what = arena_printf(a, "%s%s", label, copy);
	t->items[t->count].facts =
		(struct facts){.place = NONE, .group = group, .text = view_text(copy)};
	t->count++;
	return OK;
}

/* A port, a path or a user: taken for a part of the name they would make it unlisted. */
static bool has_other_parts(struct view host)
{
	for (size_t i = 0; i < host.size; i++) {
		if (host.bytes[i] && strchr(":/@? ", host.bytes[i]))
			return true;
	}
	return false;
}

static int add_host(struct target *t, struct arena *a, struct view host, const char **ret_problem)
{
	struct facts facts = {.place = NONE};
	struct view bare = host;
	char text[DNAME_TEXT_SIZE];
	if (bare.size > 2 && bare.bytes[0] == '[' && bare.bytes[bare.size - 1] == ']')
		bare = view_of(bare.bytes + 1, bare.size - 2);
	if (address_parse(bare, &facts.destination) == OK) {
		t->items[t->count].what = arena_printf(a, "address " VIEW_FMT, VIEW_ARG(bare));
	} else if (!has_other_parts(host) &&
	           dname_parse_text(host, &t->items[t->count].name) == OK) {
		facts.name = &t->items[t->count].name;
		t->items[t->count].what = arena_printf(a, "name %s", dname_print(facts.name, text));
	} else {
		return fail(
			ret_problem,
			"expected a name, an address, a URL as https://HOST/PATH, or model:, app:, package:, file: with a value");
	}
	t->items[t->count++].facts = facts;
	return OK;
}

/* scheme://user@host:port/path */
static int parse_url(struct target *t, struct arena *a, struct view text, const char **ret_problem)
{
	const uint8_t *slashes = memmem(text.bytes, text.size, "://", 3);
	struct view rest = view_skip(text, (size_t)(slashes - text.bytes) + 3);
	size_t size = 0;
	while (size < rest.size && !strchr("/?#", rest.bytes[size]))
		size++;
	struct view host = view_of(rest.bytes, size), path = view_skip(rest, size);
	const uint8_t *at = memrchr(host.bytes, '@', host.size);
	if (at)
		host = view_skip(host, (size_t)(at - host.bytes) + 1);
	const uint8_t *colon = host.size ? memrchr(host.bytes, ':', host.size) : NULL;
	if (colon && !memchr(colon, ']', host.size - (size_t)(colon - host.bytes)))
		host.size = (size_t)(colon - host.bytes);
	int r = add_host(t, a, host, ret_problem);
	if (r < 0)
		return r;
	const char *url = arena_printf(a, VIEW_FMT VIEW_FMT, VIEW_ARG(host), VIEW_ARG(path));
	return url ? add_text(t, a, GROUP_URL, "url ", view_text(url)) : ERR_LIMIT;
}

/* `prefix:` and what group of identifiers its value belongs to. */
static const struct {
	const char *prefix, *label;
	enum kind_group group;
} prefixes[] = {
	{"model:", "model ", GROUP_MODEL},
	{"app:", "application ", GROUP_APP},
	{"package:", "package ", GROUP_PACKAGE},
};

/* KIND=VALUE for the kinds of files, requests and machines. */
static bool parse_field(struct target *t, struct arena *a, struct view text)
{
	struct view rest = text, kind = view_split(&rest, '=');
	for (int i = 0; rest.bytes && identifier_kinds[i].name; i++) {
		enum kind_group group = identifier_kinds[i].group;
		if (view_is(kind, identifier_kinds[i].name) &&
		    (group == GROUP_FILE || group == GROUP_REQUEST || group == GROUP_MACHINE))
			return add_text(t, a, group, "", text) == OK;
	}
	return false;
}

static int add_field(void *context, enum kind_group group, const char *text)
{
	struct {
		struct target *t;
		struct arena *a;
	} *to = context;
	return add_text(to->t, to->a, group, group == GROUP_MODEL ? "model " : "", view_text(text));
}

int target_parse(const char *text, struct arena *a, struct target *ret, const char **ret_problem)
{
	struct {
		struct target *t;
		struct arena *a;
	} to = {ret, a};
	struct view v = view_text(text);
	*ret = (struct target){.text = text};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t size = strlen(prefixes[i].prefix);
		if (strncmp(text, prefixes[i].prefix, size) != 0)
			continue;
		if (!text[size])
			return fail(ret_problem, "expected a value behind the colon");
		return add_text(ret, a, prefixes[i].group, prefixes[i].label, view_skip(v, size));
	}
	if (strncmp(text, "file:", 5) == 0)
		return model_file_read(text + 5, a, add_field, &to, ret_problem);
	if (strstr(text, "://"))
		return parse_url(ret, a, v, ret_problem);
	if (parse_field(ret, a, v))
		return OK;
	return add_host(ret, a, v, ret_problem);
}
