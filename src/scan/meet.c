#include "scan/meet.h"

#include <ctype.h>
#include <stdio.h>

#include "scan/meet_private.h"
#include "scan/url.h"

enum { KEY_RUN_MIN = 24 };

void words_add(struct words *w, struct view v)
{
	size_t room = sizeof(w->text) - 1 - w->size;
	if (v.size > room)
		v.size = room;
	if (v.size)
		memcpy(w->text + w->size, v.bytes, v.size);
	w->size += v.size;
	w->text[w->size] = '\0';
}

void words_add_masked(struct words *w, struct view v)
{
	while (v.size) {
		size_t run = 0;
		while (run < v.size && isalnum(v.bytes[run]))
			run++;
		if (run >= KEY_RUN_MIN)
			words_add(w, view_text("..."));
		else
			words_add(w, view_of(v.bytes, run));
		v = view_skip(v, run);
		if (v.size && !isalnum(v.bytes[0])) {
			words_add(w, view_of(v.bytes, 1));
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

bool meet_put(struct scan *s, const struct scan_file *f, const struct verdict *v, struct view what,
              struct view item)
{
	struct sighting seen = {.verdict = *v,
	                        .first_us = s->settings.at_us,
	                        .last_us = s->settings.at_us,
	                        .count = 1,
	                        .place = s->settings.place,
	                        .user = view_text(f->home ? f->home->user : NULL),
	                        .what = what,
	                        .where = view_text(f->path),
	                        .item = item,
	                        .source = s->sources[s->current],
	                        .at = f->has_no_lines ? 0 : f->line};
	if (v->identifier == NONE)
		return false;
	int code = findings_add(s->settings.findings, &seen);
	if (code < 0 && s->error == OK)
		s->error = code;
	return true;
}

static void decide_text(const struct scan *s, struct facts *facts, struct verdict *ret)
{
	decide(s, facts, ret);
	scan_expressions_decide(s->expressions, s->settings.policy, facts, ret);
}

static bool meet_item(struct scan *s, const struct scan_file *f, enum kind_group group,
                      struct view text, struct view what, struct view item)
{
	struct facts facts = {.group = group, .text = text};
	struct verdict v;
	if (text.size == 0)
		return false;
	decide_text(s, &facts, &v);
	return meet_put(s, f, &v, what, item);
}

bool scan_meet(struct scan *s, const struct scan_file *f, enum kind_group group, struct view text,
               struct view what)
{
	return meet_item(s, f, group, text, what, (struct view){0});
}

/* "REGISTRY NAME VERSION"; returns the first two. */
static struct view say_item(struct words *what, const char *kind, struct view name,
                            struct view version)
{
	words_add(what, view_text(kind));
	words_add(what, view_text(" "));
	words_add(what, name);
	struct view item = words_view(what);
	if (version.size) {
		words_add(what, view_text(" "));
		words_add(what, version);
	}
	return item;
}

bool scan_meet_package(struct scan *s, const struct scan_file *f, const char *registry,
                       struct view name, struct view version)
{
	struct words asked = {0}, what = {0};
	words_add(&asked, view_text(registry));
	words_add(&asked, view_text("/"));
	words_add(&asked, name);
	struct view item = say_item(&what, registry, name, version);
	/* one of any registry, and a repository, are written without a registry's name */
	return meet_item(s, f, GROUP_PACKAGE, words_view(&asked), words_view(&what), item) ||
	       meet_item(s, f, GROUP_PACKAGE, name, words_view(&what), item);
}

bool scan_meet_app(struct scan *s, const struct scan_file *f, const char *label, struct view id,
                   struct view version)
{
	struct words what = {0};
	struct view item = say_item(&what, label, id, version);
	return meet_item(s, f, GROUP_APP, id, words_view(&what), item);
}

bool scan_meet_field(struct scan *s, const struct scan_file *f, const char *kind, struct view value)
{
	struct words asked = {0};
	int row = identifier_kind_find(kind);
	words_add(&asked, view_text(kind));
	words_add(&asked, view_text("="));
	words_add(&asked, value);
	return row >= 0 &&
	       scan_meet(s, f, identifier_kinds[row].group, words_view(&asked), words_view(&asked));
}

static bool decide_host(const struct scan *s, struct view host, struct verdict *ret)
{
	struct dname name;
	struct facts facts = {0};
	if (!scan_url_ask_host(host, &name, &facts))
		return false;
	decide(s, &facts, ret);
	return ret->identifier != NONE;
}

static void label_of(struct words *w, const char *label)
{
	if (label && *label) {
		words_add(w, view_text(label));
		words_add(w, view_text(" "));
	}
}

bool scan_meet_host(struct scan *s, const struct scan_file *f, const char *label, struct view host)
{
	struct verdict v;
	struct words what = {0};
	label_of(&what, label);
	words_add_masked(&what, host);
	return decide_host(s, host, &v) && meet_put(s, f, &v, words_view(&what), (struct view){0});
}

bool scan_meet_url(struct scan *s, const struct scan_file *f, const char *label, struct view url)
{
	struct words asked = {0}, what = {0};
	struct verdict by_host = {.identifier = NONE}, by_url;
	struct scan_url u = scan_url_read(url);
	if (u.host.size == 0)
		return false;
	words_add(&asked, u.host);
	words_add(&asked, u.path);
	label_of(&what, label);
	words_add_masked(&what, u.scheme);
	words_add_masked(&what, u.host);
	words_add_masked(&what, u.path);
	struct facts facts = {.group = GROUP_URL, .text = words_view(&asked)};
	decide_text(s, &facts, &by_url);
	(void)decide_host(s, u.host, &by_host);
	bool is_host = by_url.identifier == NONE || by_host.action > by_url.action;
	explicit_bzero(&asked, sizeof(asked));
	return meet_put(s, f, is_host ? &by_host : &by_url, words_view(&what), (struct view){0});
}
