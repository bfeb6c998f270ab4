#define PCRE2_CODE_UNIT_WIDTH 8
#include "scan/expression.h"

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "net/library.h"
#include "scan/url.h"

enum { HEAP_KIB = 1024, NESTED_MAX = 50, MATCHES_MAX = 1, PREFIX_SIZE = 32 };

/* The types are PCRE2's own. */
struct functions {
	__typeof__(&pcre2_compile) compile;
	__typeof__(&pcre2_code_free) free_code;
	__typeof__(&pcre2_compile_context_create) new_compile_context;
	__typeof__(&pcre2_compile_context_free) free_compile_context;
	__typeof__(&pcre2_set_parens_nest_limit) set_nested;
	__typeof__(&pcre2_match) match;
	__typeof__(&pcre2_match_context_create) new_context;
	__typeof__(&pcre2_match_context_free) free_context;
	__typeof__(&pcre2_set_match_limit) set_steps;
	__typeof__(&pcre2_set_heap_limit) set_heap;
	__typeof__(&pcre2_match_data_create) new_data;
	__typeof__(&pcre2_match_data_free) free_data;
};

static const struct library_symbol symbols[] = {
	{"pcre2_compile_8", offsetof(struct functions, compile)},
	{"pcre2_code_free_8", offsetof(struct functions, free_code)},
	{"pcre2_compile_context_create_8", offsetof(struct functions, new_compile_context)},
	{"pcre2_compile_context_free_8", offsetof(struct functions, free_compile_context)},
	{"pcre2_set_parens_nest_limit_8", offsetof(struct functions, set_nested)},
	{"pcre2_match_8", offsetof(struct functions, match)},
	{"pcre2_match_context_create_8", offsetof(struct functions, new_context)},
	{"pcre2_match_context_free_8", offsetof(struct functions, free_context)},
	{"pcre2_set_match_limit_8", offsetof(struct functions, set_steps)},
	{"pcre2_set_heap_limit_8", offsetof(struct functions, set_heap)},
	{"pcre2_match_data_create_8", offsetof(struct functions, new_data)},
	{"pcre2_match_data_free_8", offsetof(struct functions, free_data)},
};

struct expression {
	uint32_t identifier;
	enum kind_group group;
	bool is_secret;
	char prefix[PREFIX_SIZE]; /* what stands before the value when one asks: "environment=" */
	pcre2_code *code;
};

struct scan_expressions {
	struct functions library;
	struct expression rows[EXPRESSIONS_MAX];
	size_t count, unusable;
	bool has_secrets;
	uint64_t broken_off;
	pcre2_compile_context *compiling;
	pcre2_match_context *context;
	pcre2_match_data *data;
};

static pcre2_code *compile(struct scan_expressions *e, const char *text, bool is_exact)
{
	int code;
	PCRE2_SIZE at;
	uint32_t options = PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF |
	                   (is_exact ? 0 : PCRE2_CASELESS);
	size_t size = strlen(text);
	if (size > EXPRESSION_SIZE_MAX)
		return NULL;
	return e->library.compile((PCRE2_SPTR)text, size, options, &code, &at, e->compiling);
}

static void add(struct scan_expressions *e, const struct policy *p, uint32_t identifier)
{
	const struct image_identifier *i = policy_identifier(p, identifier);
	struct expression x = {.identifier = identifier, .group = identifier_kinds[i->kind].group};
	char prefix[TEXT_KEY_MAX + 1];
	size_t size = text_index_key(i->kind, (struct view){0}, prefix);
	x.is_secret = strcmp(identifier_kinds[i->kind].name, "secret") == 0;
	if (e->data && e->count < EXPRESSIONS_MAX && size < sizeof(x.prefix))
		x.code = compile(e, policy_text(p, i->value), x.is_secret);
	if (!x.code) {
		e->unusable++;
		return;
	}
	memcpy(x.prefix, prefix, size);
	e->has_secrets |= x.is_secret;
	e->rows[e->count++] = x;
}

/* Without it everything stays NULL, and no expression can be used. */
static int open_library(struct scan_expressions *e)
{
	struct functions *l = &e->library;
	if (library_open("libpcre2-8.so.0", symbols, sizeof(symbols) / sizeof(*symbols), l) < 0)
		return OK;
	e->compiling = l->new_compile_context(NULL);
	e->context = l->new_context(NULL);
	e->data = l->new_data(MATCHES_MAX, NULL);
	if (!e->compiling || !e->context || !e->data)
		return -ENOMEM;
	(void)l->set_nested(e->compiling, NESTED_MAX);
	(void)l->set_steps(e->context, EXPRESSION_STEPS);
	(void)l->set_heap(e->context, HEAP_KIB);
	return OK;
}

static bool has_any(const struct policy *p)
{
	const struct image_identifier *x;
	for (uint32_t i = 0; (x = policy_identifier(p, i)); i++) {
		if (x->match == MATCH_REGEX)
			return true;
	}
	return false;
}

int scan_expressions_new(const struct policy *p, struct scan_expressions **ret)
{
	const struct image_identifier *x;
	struct scan_expressions *e = calloc(1, sizeof(*e));
	int code = e ? OK : -ENOMEM;
	if (code == OK && has_any(p))
		code = open_library(e);
	for (uint32_t i = 0; code == OK && (x = policy_identifier(p, i)); i++) {
		if (x->match == MATCH_REGEX)
			add(e, p, i);
	}
	if (code < 0)
		scan_expressions_free(e);
	else
		*ret = e;
	return code;
}

void scan_expressions_free(struct scan_expressions *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->count; i++)
		e->library.free_code(e->rows[i].code);
	if (e->data)
		e->library.free_data(e->data);
	if (e->context)
		e->library.free_context(e->context);
	if (e->compiling)
		e->library.free_compile_context(e->compiling);
	free(e);
}

static bool matches(struct scan_expressions *e, const struct expression *x, struct view text)
{
	if (text.size == 0 || text.size > EXPRESSION_TEXT_MAX)
		return false;
	int code = e->library.match(x->code, text.bytes, text.size, 0, 0, e->data, e->context);
	e->broken_off += code < 0 && code != PCRE2_ERROR_NOMATCH;
	return code >= 0;
}

static bool url_matches(struct scan_expressions *e, const struct expression *x, struct view url)
{
	char text[EXPRESSION_TEXT_MAX];
	static const char scheme[] = "https://";
	struct view bare = scan_url_bare(url);
	size_t size = sizeof(scheme) - 1;
	if (bare.size == 0 || bare.size > sizeof(text) - size)
		return false;
	memcpy(text, scheme, size);
	memcpy(text + size, bare.bytes, bare.size);
	bool is_match = matches(e, x, bare) || matches(e, x, view_of(text, size + bare.size));
	explicit_bzero(text, size + bare.size);
	return is_match;
}

/* The value of what is asked as "environment=NAME"; without bytes when it is of another kind. */
static struct view value_of(const struct expression *x, struct view asked)
{
	struct view prefix = view_text(x->prefix);
	bool is_own = asked.size >= prefix.size &&
	              view_is_nocase(view_of(asked.bytes, prefix.size), x->prefix);
	return is_own ? view_skip(asked, prefix.size) : (struct view){0};
}

size_t scan_expressions_find(struct scan_expressions *e, enum kind_group group, struct view text,
                             uint32_t *ret, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < e->count && count < max; i++) {
		const struct expression *x = &e->rows[i];
		if (x->group != group || x->is_secret)
			continue;
		if (group == GROUP_URL ? url_matches(e, x, text) : matches(e, x, value_of(x, text)))
			ret[count++] = x->identifier;
	}
	return count;
}

void scan_expressions_decide(struct scan_expressions *e, const struct policy *p,
                             const struct facts *facts, struct verdict *verdict)
{
	uint32_t found[DECISION_MATCHES_MAX];
	struct verdict own;
	size_t count =
		scan_expressions_find(e, facts->group, facts->text, found, DECISION_MATCHES_MAX);
	if (count == 0)
		return;
	policy_decide_by(p, facts, found, count, &own);
	if (verdict->identifier == NONE || own.action > verdict->action)
		*verdict = own;
}

size_t scan_expressions_find_secret(struct scan_expressions *e, struct view text, uint32_t *ret,
                                    size_t max)
{
	size_t count = 0;
	for (size_t i = 0; e->has_secrets && i < e->count && count < max; i++) {
		if (e->rows[i].is_secret && matches(e, &e->rows[i], text))
			ret[count++] = e->rows[i].identifier;
	}
	return count;
}

size_t scan_expressions_unusable(const struct scan_expressions *e)
{
	return e->unusable;
}

uint64_t scan_expressions_broken_off(const struct scan_expressions *e)
{
	return e->broken_off;
}

bool scan_expressions_why(const struct scan_expressions *e, char ret[static EXPRESSION_WHY_SIZE])
{
	int size = 0;
	if (e->unusable)
		size = snprintf(
			ret, EXPRESSION_WHY_SIZE, "%zu identifier%s could not be used", e->unusable,
			plural(e->unusable, " that is an expression", "s that are expressions"));
	if (e->broken_off)
		(void)snprintf(ret + size, (size_t)(EXPRESSION_WHY_SIZE - size),
		               "%s%llu comparison%s took too long", size ? ", " : "",
		               (unsigned long long)e->broken_off, plural_s(e->broken_off));
	return e->unusable || e->broken_off;
}
