/* scan_world.h - a policy with an identifier of each kind that a scan meets, and a scan that looks at bytes. */
#pragma once

#include <assert.h>
#include <stdio.h>

#include "policy/compile.h"
#include "scan/scan.h"

#define SCAN_ROW(id, facet, kind, value, match)                                                   \
	"  - {id: " id ", facets: [" facet "], kind: " kind ", value: '" value "', match: " match \
	", role: dedicated, confidence: high, sources: [s1]}\n"

static const char scan_product[] =
	"product: seek\ntitle: Seek\nvendor: Seek Ltd\ncollected: 2026-01-01\n"
	"sources:\n  - {id: s1, note: A note.}\nidentifiers:\n" SCAN_ROW(
		"name", "web", "domain", "seek.example",
		"suffix") SCAN_ROW("base", "api", "base-url", "https://api.seek.example",
                                   "prefix") SCAN_ROW("model", "api", "model", "seek-chat", "exact")
		SCAN_ROW("models", "hosted", "model", "seek/",
                         "prefix") SCAN_ROW("word", "hosted", "model", "seek", "contains")
			SCAN_ROW("npm", "package", "npm", "seek-sdk", "exact") SCAN_ROW(
				"pypi", "package", "pypi", "seek-sdk",
				"exact") SCAN_ROW("package", "package", "package-name", "seekish",
                                                  "contains") SCAN_ROW("app", "app", "application",
                                                                       "example.seek", "exact")
				SCAN_ROW("variable", "api", "environment", "SEEK_API_KEY", "exact")
					SCAN_ROW("path", "app", "path", "~/.seek/", "prefix")
						SCAN_ROW("address", "api", "address", "192.0.2.7",
                                                         "exact")
							SCAN_ROW("address6", "api", "address",
                                                                 "2001:db8:5ee::/48", "exact");

/* Identifiers that are regular expressions: two that take long or are none among them. */
static const char scan_expressions_of_product[] = SCAN_ROW(
	"images", "web", "url", "^img-[^.]*\\.seekcdn\\.example/",
	"regex") SCAN_ROW("tenants", "api", "base-url", "^https://api\\.tenant-[0-9]+\\.example/v1",
                          "regex") SCAN_ROW("daemon", "app", "process", "^seekd-[0-9]+$",
                                            "regex") SCAN_ROW("slow", "app", "process", "^(a+)+$",
                                                              "regex")
	SCAN_ROW("broken", "app", "process", "(", "regex") SCAN_ROW(
		"own-key", "account", "secret", "\\bseek-[a-z0-9]{20}\\b",
		"regex") "  - {id: key, facets: [api], kind: secret, value: '\\bsk-[a-z0-9]{32}\\b', match: regex, role: shared, "
			 "confidence: medium, sources: [s1]}\n";

static const char scan_organisation[] =
	"organisation: body\nname: A body\njurisdiction: XA\nclasses: [central-agency]\n"
	"contact: it@body.example\nnetworks:\n  - {prefix: 10.0.0.0/8}\n";

static inline const struct policy *scan_policy(void)
{
	static struct arena arena;
	static struct product product;
	static struct organisation organisation;
	static struct buffer image;
	static struct policy policy;
	struct problems problems = {0}, warnings = {0};
	struct policy_counts counts;
	if (policy.header)
		return &policy;
	char text[sizeof(scan_product) + sizeof(scan_expressions_of_product)];
	(void)snprintf(text, sizeof(text), "%s%s", scan_product, scan_expressions_of_product);
	int code = product_read("p", view_text(text), &arena, &problems, &product);
	assert(code == OK);
	code = organisation_read("b", view_text(scan_organisation), &arena, &problems,
	                         &organisation);
	assert(code == OK);
	struct policy_sources sources = {
		.products = &product, .product_count = 1, .organisation = &organisation};
	code = policy_compile(&sources, &image, &counts, &warnings, &problems);
	assert(code == OK);
	code = policy_open(buffer_view(&image), &policy);
	assert(code == OK);
	problems_done(&problems);
	problems_done(&warnings);
	return &policy;
}

struct scan_world {
	struct findings *findings;
	struct scan *scan;
};

static inline void scan_world_open(struct scan_world *w)
{
	int code = findings_new(scan_policy(), 1000, &w->findings);
	assert(code == OK);
	struct scan_settings settings = {
		.policy = scan_policy(), .findings = w->findings, .place = NONE};
	code = scan_new(&settings, &w->scan);
	assert(code == OK);
}

static inline void scan_world_close(struct scan_world *w)
{
	scan_free(w->scan);
	findings_free(w->findings);
}

static inline const struct finder *finder_named(struct view name)
{
	for (const struct finder *f = finders; f->name; f++) {
		if (view_is(name, f->name))
			return f;
	}
	return NULL;
}

/* The finder looks at a file of that path and these bytes. */
static inline void scan_world_look(struct scan_world *w, const char *finder, const char *path,
                                   struct view bytes)
{
	const char *slash = strrchr(path, '/');
	struct scan_file f = {.path = path, .name = slash + 1, .folder = -1, .bytes = bytes};
	scan_look(w->scan, finder_named(view_text(finder)), &f);
}
