#include "scan/meet.h"

#include <ctype.h>
#include <stdio.h>

#include "scan/scan_private.h"

enum { KEY_RUN_MIN = 24 };

/* What is asked and shown, in one place: cut, without what a key may be. */
struct words {
	char text[SCAN_TEXT_MAX];
	size_t size;
};

static void add(struct words *w, struct view v)
{
	size_t room = sizeof(w->text) - 1 - w->size;
	if (v.size > room)
		v.size = room;
	if (v.size)
		memcpy(w->text + w->size, v.bytes, v.size);
	w->size += v.size;
	w->text[w->size] = '\0';
}

static struct view view_of_words(const struct words *w)
{
	return view_of(w->text, w->size);
}

/* The same with long runs of letters and digits cut. */
static void add_masked(struct words *w, struct view v)
{
	while (v.size) {
		size_t run = 0;
		while (run < v.size && isalnum(v.bytes[run]))
			run++;
		if (run >= KEY_RUN_MIN)
			add(w, view_text("..."));
		else
			add(w, view_of(v.bytes, run));
		v = view_skip(v, run);
		if (v.size && !isalnum(v.bytes[0])) {
			add(w, view_of(v.bytes, 1));
			v = view_skip(v, 1);
		}
	}
}

static void decide(const struct scan *s, struct facts *facts, struct verdict *ret)
{
	facts->at_us = s->settings.at_us;
	facts->place = s->settings.place;
	policy_decide(s->settings.policy, facts, ret);
}

static bool put(struct scan *s, const struct scan_file *f, const struct verdict *v,
                struct view what)
{
	struct sighting seen = {.verdict = *v,
	                        .first_us = s->settings.at_us,
	                        .last_us = s->settings.at_us,
	                        .count = 1,
	                        .place = s->settings.place,
	                        .user = view_text(f->home ? f->home->user : NULL),
	                        .what = what,
	                        .where = view_text(f->path),
	                        .source = s->sources[s->current],
	                        .at = f->has_no_lines ? 0 : f->line};
	if (v->identifier == NONE)
		return false;
	int code = findings_add(s->settings.findings, &seen);
	if (code < 0 && s->error == OK)
		s->error = code;
	return true;
}

/* The stricter of two verdicts, of which the first knows of no expressions. */
static void decide_expressions(const struct scan *s, const struct facts *facts, struct verdict *v)
{
	uint32_t found[DECISION_MATCHES_MAX];
	struct verdict own;
	size_t count = scan_expressions_find(s->expressions, facts->group, facts->text, found,
	                                     DECISION_MATCHES_MAX);
	if (count == 0)
		return;
	policy_decide_by(s->settings.policy, facts, found, count, &own);
	if (v->identifier == NONE || own.action > v->action)
		*v = own;
}

static void decide_text(const struct scan *s, struct facts *facts, struct verdict *ret)
{
	decide(s, facts, ret);
	decide_expressions(s, facts, ret);
}

bool scan_meet(struct scan *s, const struct scan_file *f, enum kind_group group, struct view text,
               struct view what)
{
	struct facts facts = {.group = group, .text = text};
	struct verdict v;
	if (text.size == 0)
		return false;
	decide_text(s, &facts, &v);
	return put(s, f, &v, what);
}

bool scan_meet_package(struct scan *s, const struct scan_file *f, const char *registry,
                       struct view name, struct view version)
{
	struct words asked = {0}, what = {0};
	add(&asked, view_text(registry));
	add(&asked, view_text("/"));
	add(&asked, name);
	add(&what, view_text(registry));
	add(&what, view_text(" "));
	add(&what, name);
	if (version.size) {
		add(&what, view_text(" "));
		add(&what, version);
	}
	/* one of any registry, and a repository, are written without a registry's name */
	return scan_meet(s, f, GROUP_PACKAGE, view_of_words(&asked), view_of_words(&what)) ||
	       scan_meet(s, f, GROUP_PACKAGE, name, view_of_words(&what));
}

bool scan_meet_app(struct scan *s, const struct scan_file *f, const char *label, struct view id,
                   struct view version)
{
	struct words what = {0};
	add(&what, view_text(label));
	add(&what, view_text(" "));
	add(&what, id);
	if (version.size) {
		add(&what, view_text(" "));
		add(&what, version);
	}
	return scan_meet(s, f, GROUP_APP, id, view_of_words(&what));
}

bool scan_meet_field(struct scan *s, const struct scan_file *f, const char *kind, struct view value)
{
	struct words asked = {0};
	int row = identifier_kind_find(kind);
	add(&asked, view_text(kind));
	add(&asked, view_text("="));
	add(&asked, value);
	return row >= 0 && scan_meet(s, f, identifier_kinds[row].group, view_of_words(&asked),
	                             view_of_words(&asked));
}

static bool decide_host(const struct scan *s, struct view host, struct verdict *ret)
{
	struct dname name;
	struct facts facts = {0};
	if (host.size > 2 && host.bytes[0] == '[' && host.bytes[host.size - 1] == ']')
		host = view_of(host.bytes + 1, host.size - 2);
	if (host.size > 2 && view_starts_with(host, view_text("*.")))
		host = view_skip(host, 2);
	if (address_parse(host, &facts.destination) < 0) {
		if (dname_parse_text(host, &name) < 0)
			return false;
		facts.name = &name;
	}
	decide(s, &facts, ret);
	return ret->identifier != NONE;
}

static void label_of(struct words *w, const char *label)
{
	if (label && *label) {
		add(w, view_text(label));
		add(w, view_text(" "));
	}
}

bool scan_meet_host(struct scan *s, const struct scan_file *f, const char *label, struct view host)
{
	struct verdict v;
	struct words what = {0};
	label_of(&what, label);
	add_masked(&what, host);
	return decide_host(s, host, &v) && put(s, f, &v, view_of_words(&what));
}

/* How many bytes there are before the first of these. */
static size_t until(struct view v, const char *ends)
{
	size_t size = 0;
	while (size < v.size && !(v.bytes[size] && strchr(ends, v.bytes[size])))
		size++;
	return size;
}

/* What follows the scheme. */
static struct view behind_scheme(struct view url)
{
	const uint8_t *slashes = url.size ? memmem(url.bytes, url.size, "://", 3) : NULL;
	return view_skip(url, slashes ? (size_t)(slashes - url.bytes) + 3 : 0);
}

struct view scan_url_host(struct view url)
{
	struct view rest = behind_scheme(url), host = view_of(rest.bytes, until(rest, "/?#"));
	const uint8_t *at = host.size ? memrchr(host.bytes, '@', host.size) : NULL;
	if (at)
		host = view_skip(host, (size_t)(at - host.bytes) + 1);
	const uint8_t *colon = host.size ? memrchr(host.bytes, ':', host.size) : NULL;
	if (colon && !memchr(colon, ']', host.size - (size_t)(colon - host.bytes)))
		host.size = (size_t)(colon - host.bytes);
	return host;
}

bool scan_meet_url(struct scan *s, const struct scan_file *f, const char *label, struct view url)
{
	struct words asked = {0}, what = {0};
	struct verdict by_host = {.identifier = NONE}, by_url;
	struct view rest = behind_scheme(url), host = scan_url_host(url);
	struct view path = view_skip(rest, until(rest, "/?#"));
	path.size = until(path, "?#");
	if (host.size == 0)
		return false;
	add(&asked, host);
	add(&asked, path);
	label_of(&what, label);
	add(&what, view_of(url.bytes, url.size - rest.size));
	add_masked(&what, host);
	add_masked(&what, path);
	struct facts facts = {.group = GROUP_URL, .text = view_of_words(&asked)};
	decide_text(s, &facts, &by_url);
	(void)decide_host(s, host, &by_host);
	bool is_host = by_url.identifier == NONE || by_host.action > by_url.action;
	explicit_bzero(&asked, sizeof(asked));
	return put(s, f, is_host ? &by_host : &by_url, view_of_words(&what));
}

/* Whether a text ends as names of files and folders do, "notes.md", "src/". */
static bool is_like_a_path(struct view v)
{
	size_t size = 0;
	while (size < v.size && isalpha(v.bytes[v.size - 1 - size]))
		size++;
	if (v.size == 0 || v.bytes[v.size - 1] == '/')
		return true;
	return size > 0 && size <= 5 && size < v.size && v.bytes[v.size - 1 - size] == '.';
}

/* "OWNER/" or "REGION.OWNER.", which nothing but ids of models begins with. */
static bool is_owner(const struct scan *s, const struct image_identifier *x)
{
	const char *value = policy_text(s->settings.policy, x->value);
	size_t size = strlen(value);
	return size > 1 && strchr("/.:", value[size - 1]);
}

static bool may_match(const struct scan *s, const struct image_identifier *x, struct view id,
                      enum scan_model sure)
{
	switch (x->match) {
	case MATCH_EXACT: return true;
	case MATCH_PREFIX:
		return sure >= SCAN_MODEL_NAMED ||
		       (sure == SCAN_MODEL_LIKELY && is_owner(s, x) && !is_like_a_path(id));
	default: return sure == SCAN_MODEL_CERTAIN;
	}
}

static bool meet_id(struct scan *s, const struct scan_file *f, struct view id, struct view what,
                    enum scan_model sure)
{
	uint32_t found[DECISION_MATCHES_MAX], own[DECISION_MATCHES_MAX];
	const struct policy *p = s->settings.policy;
	struct facts facts = {.at_us = s->settings.at_us,
	                      .place = s->settings.place,
	                      .group = GROUP_MODEL,
	                      .text = id};
	struct verdict v;
	size_t own_count = 0;
	size_t count = text_index_find(&p->values, GROUP_MODEL, id, found, DECISION_MATCHES_MAX);
	if (sure == SCAN_MODEL_CERTAIN && count < DECISION_MATCHES_MAX)
		count += scan_expressions_find(s->expressions, GROUP_MODEL, id, found + count,
		                               DECISION_MATCHES_MAX - count);
	for (size_t i = 0; i < count; i++) {
		if (may_match(s, policy_identifier(p, found[i]), id, sure))
			own[own_count++] = found[i];
	}
	policy_decide_by(p, &facts, own, own_count, &v);
	return put(s, f, &v, what);
}

bool scan_meet_model(struct scan *s, const struct scan_file *f, struct view id,
                     enum scan_model sure)
{
	struct words what = {0};
	const uint8_t *colon = id.size ? memchr(id.bytes, ':', id.size) : NULL;
	if (id.size == 0 || id.size >= SCAN_TEXT_MAX)
		return false;
	add(&what, view_text("model "));
	add_masked(&what, id);
	if (meet_id(s, f, id, view_of_words(&what), sure))
		return true;
	/* a tag of Ollama's, as in name:8b */
	return colon && meet_id(s, f, view_of(id.bytes, (size_t)(colon - id.bytes)),
	                        view_of_words(&what), sure);
}

static bool has_word(struct view text, const char *word)
{
	size_t size = strlen(word);
	for (size_t i = 0; i + size <= text.size; i++) {
		if (view_is_nocase(view_of(text.bytes + i, size), word))
			return true;
	}
	return false;
}

/* Whether keys of that form are this product's: by the form itself, or by its name nearby. */
static bool is_of_product(const struct policy *p, const struct image_identifier *x,
                          struct view around)
{
	const char *product = policy_text(p, policy_product(p, x->product)->id);
	return x->role == ROLE_DEDICATED || has_word(around, product);
}

bool scan_meet_secret(struct scan *s, const struct scan_file *f, struct view key, struct view word,
                      struct view around)
{
	uint32_t found[DECISION_MATCHES_MAX], own[DECISION_MATCHES_MAX];
	const struct policy *p = s->settings.policy;
	struct facts facts = {
		.at_us = s->settings.at_us, .place = s->settings.place, .group = GROUP_MACHINE};
	struct words what = {0};
	struct verdict v;
	size_t own_count = 0;
	size_t count =
		scan_expressions_find_secret(s->expressions, word, found, DECISION_MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (is_of_product(p, policy_identifier(p, found[i]), around))
			own[own_count++] = found[i];
	}
	if (own_count == 0)
		return false;
	add(&what, view_text("secret"));
	if (key.size) {
		add(&what, view_text(" in "));
		add_masked(&what, key);
	}
	policy_decide_by(p, &facts, own, own_count, &v);
	return put(s, f, &v, view_of_words(&what));
}
