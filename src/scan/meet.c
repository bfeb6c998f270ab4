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
	                        .at = f->line};
	if (v->identifier == NONE)
		return false;
	int code = findings_add(s->settings.findings, &seen);
	if (code < 0 && s->error == OK)
		s->error = code;
	return true;
}

bool scan_meet(struct scan *s, const struct scan_file *f, enum kind_group group, struct view text,
               struct view what)
{
	struct facts facts = {.group = group, .text = text};
	struct verdict v;
	if (text.size == 0)
		return false;
	decide(s, &facts, &v);
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
	decide(s, &facts, &by_url);
	(void)decide_host(s, host, &by_host);
	bool is_host = by_url.identifier == NONE || by_host.action > by_url.action;
	return put(s, f, is_host ? &by_host : &by_url, view_of_words(&what));
}

/* Whether any of its identifiers stands for the whole id or, where that is enough, its begin. */
static bool is_named(const struct policy *p, struct view id, enum scan_model sure)
{
	uint32_t found[DECISION_MATCHES_MAX];
	size_t count = text_index_find(&p->values, GROUP_MODEL, id, found, DECISION_MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct image_identifier *x = policy_identifier(p, found[i]);
		if (x->match == MATCH_EXACT ||
		    (x->match == MATCH_PREFIX && sure != SCAN_MODEL_PERHAPS))
			return true;
	}
	return false;
}

bool scan_meet_model(struct scan *s, const struct scan_file *f, struct view id,
                     enum scan_model sure)
{
	struct words what = {0};
	struct view bare = id;
	const uint8_t *colon = id.size ? memchr(id.bytes, ':', id.size) : NULL;
	if (id.size == 0 || id.size >= SCAN_TEXT_MAX)
		return false;
	if (colon)
		bare.size = (size_t)(colon - id.bytes);
	add(&what, view_text("model "));
	add_masked(&what, id);
	if (is_named(s->settings.policy, id, sure))
		return scan_meet(s, f, GROUP_MODEL, id, view_of_words(&what));
	/* a tag of Ollama's, as in name:8b */
	if (is_named(s->settings.policy, bare, sure))
		return scan_meet(s, f, GROUP_MODEL, bare, view_of_words(&what));
	return sure == SCAN_MODEL_CERTAIN && scan_meet(s, f, GROUP_MODEL, id, view_of_words(&what));
}
