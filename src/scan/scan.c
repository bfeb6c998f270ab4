#include "scan/scan.h"

#include <errno.h>
#include <stdio.h>

#include "scan/scan_private.h"
#include "scan/walk.h"

static const char *const walk_name = "folders";

static struct view name_source(const struct scan *s, const char *finder,
                               char text[static SCAN_TEXT_MAX * 2])
{
	const char *machine = s->settings.machine ? s->settings.machine : "";
	(void)snprintf(text, SCAN_TEXT_MAX * 2, "%.*s%s%s", SCAN_TEXT_MAX, machine,
	               *machine ? " " : "", finder);
	return view_text(text);
}

static int add_source(struct scan *s, size_t i, const char *name)
{
	struct findings_source source = findings_source_none();
	char text[SCAN_TEXT_MAX * 2];
	source.name = name_source(s, name, text);
	source.format = view_text("scan");
	int number = findings_add_source(s->settings.findings, &source);
	s->sources[i] = number < 0 ? 0 : (uint32_t)number;
	return number < 0 ? number : OK;
}

static int add_finders(struct scan *s)
{
	int code = OK;
	scan_patterns_init(&s->patterns);
	for (size_t i = 0; code == OK && finders[i].name; i++) {
		const struct finder *f = &finders[i];
		s->coverage[i].finder = f;
		s->finder_count = i + 1;
		for (size_t k = 0; f->look && f->looks_at[k]; k++) {
			if (f->looks_at[k][0] != '@')
				scan_patterns_add(&s->patterns, f->looks_at[k], (unsigned)i);
		}
		code = add_source(s, i, f->name);
	}
	scan_patterns_sort(&s->patterns);
	return code == OK ? add_source(s, s->finder_count, walk_name) : code;
}

int scan_new(const struct scan_settings *settings, struct scan **ret)
{
	struct scan *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->settings = *settings;
	s->root.fd = -1;
	if (s->settings.entries_max == 0)
		s->settings.entries_max = SCAN_ENTRIES_MAX;
	scan_homes_init(&s->homes);
	arena_init(&s->texts, 0);
	int code = scan_web_apps_make(settings->policy, &s->web_apps);
	if (code == OK)
		code = scan_expressions_new(settings->policy, &s->expressions);
	if (code == OK)
		code = add_finders(s);
	if (code < 0)
		scan_free(s);
	else
		*ret = s;
	return code;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	scan_root_close(&s->root);
	scan_homes_done(&s->homes);
	scan_web_apps_done(&s->web_apps);
	scan_expressions_free(s->expressions);
	arena_done(&s->texts);
	free(s->memory.bytes);
	free(s);
}

void scan_stop(struct scan *s)
{
	atomic_store_explicit(&s->is_stopped, true, memory_order_relaxed);
}

/* What was looked at goes into the findings as their sources, so that every result has it. */
static void set_source(struct scan *s, size_t i)
{
	const struct scan_coverage *c = &s->coverage[i];
	struct findings_source source = findings_source_none();
	char problem[SCAN_EXAMPLE_SIZE + 80], name[SCAN_TEXT_MAX * 2];
	source.name = name_source(s, c->finder ? c->finder->name : walk_name, name);
	source.format = view_text("scan");
	source.items = c->looked_at;
	source.bytes = c->bytes;
	source.not_understood = c->not_understood;
	source.last_us = source.first_us = TIME_MIN;
	if (c->unread) {
		(void)snprintf(problem, sizeof(problem), "%llu not read, the first: %s",
		               (unsigned long long)c->unread, s->examples[i]);
		source.problem = view_text(problem);
	} else if (c->not_understood) {
		source.example = view_text(s->examples[i]);
	}
	int code = findings_set_source(s->settings.findings, s->sources[i], &source);
	if (code < 0 && s->error == OK)
		s->error = code;
}

static void begin_finders(struct scan *s)
{
	for (size_t i = 0; i < s->finder_count && s->error == OK; i++) {
		const struct finder *f = &finders[i];
		s->current = (unsigned)i;
		for (size_t k = 0; f->look && f->looks_at[k]; k++) {
			if (f->looks_at[k][0] == '@')
				scan_read_path(s, f->looks_at[k] + 1);
		}
		if (f->begin)
			f->begin(s);
	}
}

/* Identifiers that nothing could be compared with are part of what was not looked at. */
static void tell_expressions(struct scan *s)
{
	char why[EXPRESSION_WHY_SIZE];
	if (scan_expressions_why(s->expressions, why))
		scan_unread(s, "/", why);
}

static void tell_homes(struct scan *s)
{
	if (s->homes.dropped)
		scan_unread(s, "/",
		            "more homes than are known: whose files beyond them are is not said");
}

int scan_run(struct scan *s, const char *root)
{
	int code = scan_root_open(root, &s->root);
	if (code < 0)
		return code;
	/* other processes may be looked at before only */
	begin_finders(s);
	if (s->settings.confine)
		s->landlock = s->settings.confine(s->settings.context);
	s->current = (unsigned)s->finder_count;
	if (s->error == OK)
		scan_walk(s);
	tell_expressions(s);
	tell_homes(s);
	s->coverage[s->finder_count].looked_at = s->entries;
	for (size_t i = 0; i <= s->finder_count; i++)
		set_source(s, i);
	return s->error;
}

int scan_landlock(const struct scan *s)
{
	return s->landlock;
}

size_t scan_coverage_count(const struct scan *s)
{
	return s->finder_count + 1;
}

struct scan_coverage scan_coverage_at(const struct scan *s, size_t i)
{
	return s->coverage[i];
}

size_t scan_unread_count(const struct scan *s)
{
	return s->unread_count;
}

const struct scan_unread *scan_unread_at(const struct scan *s, size_t i)
{
	return &s->unread[i];
}

size_t scan_resolver_count(const struct scan *s)
{
	return s->resolver_count;
}

const struct scan_resolver *scan_resolver_at(const struct scan *s, size_t i)
{
	return &s->resolvers[i];
}

size_t scan_home_count(const struct scan *s)
{
	return s->homes.count;
}

const struct scan_home *scan_home_at(const struct scan *s, size_t i)
{
	return &s->homes.rows[i];
}
