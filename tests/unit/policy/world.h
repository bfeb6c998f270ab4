/* world.h - a small catalogue and organisation as people write them, compiled, for tests of the policy. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "policy/compile.h"
#include "policy/policy.h"
#include "tests/test.h"

static const char product_yaml[] =
	"product: seek\n"
	"title: Seek\n"
	"vendor: Seek Ltd\n"
	"collected: 2026-01-01\n"
	"sources:\n"
	"  - {id: s1, note: A note.}\n"
	"identifiers:\n"
	"  - {id: name, facets: [web], kind: domain, value: seek.example, "
	"match: suffix, role: dedicated, confidence: high, sources: [s1]}\n"
	"  - {id: address, facets: [web], kind: address, value: 192.0.2.0/24, "
	"role: shared, confidence: high, sources: [s1]}\n"
	"  - {id: model, facets: [hosted], kind: model, value: seek/, match: "
	"prefix, role: dedicated, confidence: high, sources: [s1]}\n"
	"  - {id: app, facets: [app], kind: ios-bundle, value: com.seek, "
	"role: dedicated, confidence: high, sources: [s1]}\n";

static const char order_yaml[] =
	"order: ban\n"
	"title: A ban\n"
	"issuer: An issuer\n"
	"jurisdiction: XA\n"
	"number: unknown\n"
	"legal_basis: A law\n"
	"type: order\n"
	"announced: 2026-01-01\n"
	"effective: 2026-01-02\n"
	"status: in-force\n"
	"products: [seek]\n"
	"scope:\n"
	"  - {facet: web, position: covered}\n"
	"  - {facet: app, position: covered}\n"
	"obligations:\n"
	"  - {id: 1, verb: prevent-use, text: Do not use it., clause: '1', "
	"force: must, binds: [central-agency], deadline: unknown, source: s1}\n"
	"exemption:\n"
	"  available: yes\n"
	"  approvals:\n"
	"    - {role: first, title: First office}\n"
	"    - {role: second, title: Second office}\n"
	"  max_days: 30\n"
	"  conditions:\n"
	"    - {id: offline, text: It is offline.}\n"
	"sources:\n"
	"  - {id: s1, kind: official, note: A note.}\n"
	"confidence: high\n";

static const char organisation_yaml[] = "organisation: body\n"
					"name: A body\n"
					"jurisdiction: XA\n"
					"classes: [central-agency]\n"
					"contact: it@body.example\n"
					"networks:\n"
					"  - {prefix: 10.0.0.0/8}\n"
					"units:\n"
					"  - {id: lab, networks: [{prefix: 10.1.0.0/16}]}\n"
					"adoptions:\n"
					"  - {order: ban}\n"
					"exemptions:\n"
					"  - id: trial\n"
					"    order: ban\n"
					"    product: seek\n"
					"    units: [lab]\n"
					"    clients: [10.2.0.1]\n"
					"    reason: A trial.\n"
					"    conditions: [offline]\n"
					"    approvals:\n"
					"      - {role: first, by: A, at: 2026-02-01}\n"
					"      - {role: second, by: B, at: 2026-02-02}\n"
					"    not_before: 2026-02-03\n"
					"    not_after: 2026-03-01\n";

struct world {
	struct arena arena;
	struct problems problems, warnings;
	struct product product;
	struct order order;
	struct organisation organisation;
	struct view list;
	const char *list_file;
	const struct view *zones; /* of the organisation's, when it names any */
	struct buffer image;
	struct policy_counts counts;
	int result;
	char text[4096]; /* every problem, a line each, then every warning behind "warning " */
};

static inline void join_problems(struct world *w, const struct problems *p, const char *before)
{
	size_t at = strlen(w->text);
	for (const struct problem *i = p->first; i; i = i->next)
		at += (size_t)snprintf(w->text + at, sizeof(w->text) - at, "%s%s:%u:%u: %s\n",
		                       before, i->file, i->line, i->column, i->text);
}

static void world_read(struct world *w, const char *product, const char *order,
                       const char *organisation)
{
	*w = (struct world){.list_file = "list.txt", .list = view_text("one.example\n")};
	arena_init(&w->arena, 0);
	w->result = product_read("product.yaml", view_text(product), &w->arena, &w->problems,
	                         &w->product);
	int r = order_read("order.yaml", view_text(order), &w->arena, &w->problems, &w->order);
	w->result = w->result < 0 ? w->result : r;
	r = organisation_read("organisation.yaml", view_text(organisation), &w->arena, &w->problems,
	                      &w->organisation);
	w->result = w->result < 0 ? w->result : r;
}

static inline void world_compile(struct world *w)
{
	struct policy_sources sources = {.products = &w->product,
	                                 .product_count = 1,
	                                 .orders = &w->order,
	                                 .order_count = 1,
	                                 .organisation = &w->organisation,
	                                 .lists = &w->list,
	                                 .list_files = &w->list_file,
	                                 .zones = w->zones};
	if (w->result == OK)
		w->result =
			policy_compile(&sources, &w->image, &w->counts, &w->warnings, &w->problems);
	join_problems(w, &w->problems, "");
	join_problems(w, &w->warnings, "warning ");
}

static void world_done(struct world *w)
{
	problems_done(&w->problems);
	problems_done(&w->warnings);
	buffer_done(&w->image);
	arena_done(&w->arena);
}

/* A copy of `text` in which `from`, which is there once, became `to`. The caller frees. */
static inline char *with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	assert_non_null(at);
	assert_null(strstr(at + 1, from));
	char *ret = malloc(strlen(text) + strlen(to) + 1);
	assert_non_null(ret);
	memcpy(ret, text, (size_t)(at - text));
	strcpy(ret + (at - text), to);
	strcat(ret, at + strlen(from));
	return ret;
}
