#include "scan/collected_meet.h"

#include <stdio.h>
#include <string.h>

#include "scan/url.h"

enum { TEXT_SIZE = 1024 };

struct meeting {
	const struct collected_settings *settings;
	uint32_t source;
	const struct collected_item *item;
	char what[TEXT_SIZE];
	size_t item_size; /* of `what`, without the version */
	int code;
};

static bool put(struct meeting *m, const struct verdict *v)
{
	const struct collected_item *i = m->item;
	struct sighting seen = {.verdict = *v,
	                        .first_us = m->settings->at_us,
	                        .last_us = m->settings->at_us,
	                        .count = 1,
	                        .place = m->settings->place,
	                        .user = i->machine,
	                        .what = view_text(m->what),
	                        .where = i->path,
	                        .item = view_of((const uint8_t *)m->what, m->item_size),
	                        .source = m->source,
	                        .at = i->number};
	if (v->identifier == NONE)
		return false;
	int code = findings_add(m->settings->findings, &seen);
	if (code < 0 && m->code == OK)
		m->code = code;
	return true;
}

static void decide(const struct meeting *m, struct facts *facts, struct verdict *ret)
{
	const struct collected_settings *s = m->settings;
	facts->at_us = s->at_us;
	facts->place = s->place;
	policy_decide(s->policy, facts, ret);
	if (s->expressions && facts->text.size)
		scan_expressions_decide(s->expressions, s->policy, facts, ret);
}

static bool ask_text(struct meeting *m, enum kind_group group, const char *prefix, struct view text)
{
	char asked[TEXT_SIZE];
	struct verdict v;
	int size = snprintf(asked, sizeof(asked), "%s" VIEW_FMT, prefix,
	                    text.size < TEXT_SIZE ? (int)text.size : TEXT_SIZE,
	                    (const char *)text.bytes);
	struct facts facts = {.group = group, .text = view_text(asked)};
	if (text.size == 0 || size <= 0 || (size_t)size >= sizeof(asked))
		return false;
	decide(m, &facts, &v);
	return put(m, &v);
}

/* Registries of languages have libraries: one whose name has an application's in it is none, as tiktoken is no TikTok. */
static bool has_applications(struct view registry)
{
	static const char *const none[] = {"npm",   "pypi", "cargo",    "go",       "gem",
	                                   "maven", "pub",  "nuget",    "composer", "conda",
	                                   "hex",   "cran", "cocoapods"};
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		if (view_is(registry, none[i]))
			return false;
	}
	return true;
}

static void ask_package(struct meeting *m)
{
	const struct collected_item *i = m->item;
	char prefix[64];
	int size = snprintf(prefix, sizeof(prefix), VIEW_FMT "/",
	                    i->registry.size < 60 ? (int)i->registry.size : 60,
	                    (const char *)i->registry.bytes);
	if (size > 1 && ask_text(m, GROUP_PACKAGE, prefix, i->id))
		return;
	/* one of any registry; and what systems install is an application as well */
	if (!ask_text(m, GROUP_PACKAGE, "", i->id) && has_applications(i->registry) &&
	    !ask_text(m, GROUP_APP, "", i->id) && !view_equal(i->id, i->name))
		(void)ask_text(m, GROUP_APP, "", i->name);
}

static struct view without_ending(struct view name, const char *ending)
{
	size_t size = strlen(ending);
	bool has_it = name.size > size &&
	              view_is_nocase(view_of(name.bytes + name.size - size, size), ending);
	return has_it ? view_of(name.bytes, name.size - size) : name;
}

static void ask_application(struct meeting *m)
{
	const struct collected_item *i = m->item;
	if (!ask_text(m, GROUP_APP, "", i->id))
		(void)ask_text(m, GROUP_APP, "", without_ending(i->name, ".app"));
	(void)ask_text(m, GROUP_MACHINE, "signer=", i->publisher);
}

static void ask_extension(struct meeting *m)
{
	const struct collected_item *i = m->item;
	char id[TEXT_SIZE];
	if (ask_text(m, GROUP_APP, "", i->id) || i->publisher.size == 0)
		return;
	/* editors name theirs by publisher and name */
	(void)snprintf(id, sizeof(id), "%.*s.%.*s",
	               i->publisher.size < 200 ? (int)i->publisher.size : 200,
	               (const char *)i->publisher.bytes, i->id.size < 200 ? (int)i->id.size : 200,
	               (const char *)i->id.bytes);
	(void)ask_text(m, GROUP_APP, "", view_text(id));
}

/* Of the URL and its host the stricter counts; no user, query or fragment is asked or shown. */
static void ask_address(struct meeting *m)
{
	char asked[TEXT_SIZE];
	struct dname name;
	struct verdict by_host = {.identifier = NONE}, by_url = {.identifier = NONE};
	struct facts facts = {0};
	struct scan_url u = scan_url_read(m->item->id);
	(void)snprintf(m->what, sizeof(m->what), "address of %.*s",
	               u.host.size < 300 ? (int)u.host.size : 300, (const char *)u.host.bytes);
	m->item_size = strlen(m->what);
	if (u.host.size == 0)
		return;
	if (scan_url_ask_host(u.host, &name, &facts))
		decide(m, &facts, &by_host);
	if (u.host.size + u.path.size < sizeof(asked)) {
		(void)snprintf(asked, sizeof(asked), VIEW_FMT VIEW_FMT, VIEW_ARG(u.host),
		               VIEW_ARG(u.path));
		facts = (struct facts){.group = GROUP_URL, .text = view_text(asked)};
		decide(m, &facts, &by_url);
	}
	explicit_bzero(asked, sizeof(asked));
	bool is_host = by_url.identifier == NONE || by_host.action > by_url.action;
	(void)put(m, is_host ? &by_host : &by_url);
}

static void ask_path(struct meeting *m)
{
	char own[COLLECTED_PATH_SIZE];
	if (ask_text(m, GROUP_MACHINE, "path=", m->item->path))
		return;
	if (collected_home_path(m->item->path, own))
		(void)ask_text(m, GROUP_MACHINE, "path=", view_text(own));
}

static const char *const kind_words[] = {"package", "application", "extension",
                                         "process", "model",       "address"};

/* Kind, registry, id or name, version. */
static void describe(struct meeting *m)
{
	const struct collected_item *i = m->item;
	struct view id = i->id.size ? i->id : i->name;
	struct view kind = i->registry.size ? i->registry : view_text(kind_words[i->kind]);
	(void)snprintf(m->what, sizeof(m->what), "%.*s %.*s", kind.size < 40 ? (int)kind.size : 40,
	               (const char *)kind.bytes, id.size < 300 ? (int)id.size : 300,
	               (const char *)id.bytes);
	m->item_size = strlen(m->what);
	if (i->version.size)
		(void)snprintf(m->what + m->item_size, sizeof(m->what) - m->item_size, " %.*s",
		               i->version.size < 60 ? (int)i->version.size : 60,
		               (const char *)i->version.bytes);
}

int collected_meet(const struct collected_settings *settings, uint32_t source,
                   const struct collected_item *item)
{
	struct meeting m = {.settings = settings, .source = source, .item = item, .code = OK};
	describe(&m);
	switch (item->kind) {
	case COLLECTED_PACKAGE: ask_package(&m); break;
	case COLLECTED_APPLICATION: ask_application(&m); break;
	case COLLECTED_EXTENSION: ask_extension(&m); break;
	case COLLECTED_PROCESS: (void)ask_text(&m, GROUP_MACHINE, "process=", item->id); break;
	case COLLECTED_MODEL: (void)ask_text(&m, GROUP_MODEL, "", item->id); break;
	case COLLECTED_ADDRESS: ask_address(&m); break;
	}
	ask_path(&m);
	int code = m.code;
	explicit_bzero(&m, sizeof(m));
	return code;
}
