/* compile_own.c - the organisation's own rules, on products of the catalogue and on its lists.
 *
 * Each is an order of the organisation's own, `own-ID`, with one obligation and one rule. */
#include <stdio.h>
#include <string.h>

#include "base/timestamp.h"
#include "policy/compile_internal.h"
#include "policy/facts.h"
#include "policy/organisation_schema.h"
#include "policy/policy.h"
#include "wire/dns.h"

#define OWN_PREFIX "own-"

/* What own rules and lists have in common. */
struct measure {
	const char *id, *title, *reason, *adoption;
	uint32_t product, facets, network_classes;
	int64_t from_us, until_us;
	int mode;
	const struct schema_list *units, *windows;
	const struct block_answer *answer;
};

static uint32_t add_order(struct compiler *c, const struct measure *m)
{
	struct image_builder *b = &c->image;
	const struct organisation *org = c->from->organisation;
	char id[sizeof(OWN_PREFIX) + SCHEMA_ID_MAX];
	(void)snprintf(id, sizeof(id), OWN_PREFIX "%s", m->id);
	struct image_order order = {
		.id = image_builder_text(b, id),
		.title = image_builder_text(b, m->title ? m->title : m->id),
		.issuer = image_builder_text(b, org->name),
		.jurisdiction = image_builder_text(b, org->jurisdiction),
		.legal_basis = image_builder_text(b, "rule of the organisation's own"),
		.effective_us = m->from_us,
		.ended_us = m->until_us,
	};
	return image_builder_row(b, SECTION_ORDERS, &order, sizeof(order));
}

static uint32_t add_obligation(struct compiler *c, const struct measure *m, uint32_t order)
{
	struct image_obligation obligation = {
		.order = order,
		.number = 1,
		.text = image_builder_text(&c->image, m->reason),
		.facets = m->facets,
		.binds = c->from->organisation->classes,
	};
	while (strcmp(verbs[obligation.verb].name, "block-network") != 0)
		obligation.verb++;
	return image_builder_row(&c->image, SECTION_OBLIGATIONS, &obligation, sizeof(obligation));
}

/* Returns the order's row. */
static uint32_t add_measure(struct compiler *c, const struct measure *m)
{
	bool observes = m->mode == ADOPTION_OBSERVE;
	struct image_product *product = &c->products[m->product];
	uint32_t order = add_order(c, m);
	struct image_rule rule = {
		.order = order,
		.obligation = add_obligation(c, m, order),
		.adoption = image_builder_text(&c->image, m->adoption),
		.facets_covered = m->facets,
		.from_us = m->from_us,
		.until_us = m->until_us,
		.network_classes = m->network_classes,
		.action = observes ? VERDICT_OBSERVE : VERDICT_BLOCK,
		.reason = observes ? REASON_OBSERVE_MODE : REASON_PROHIBITED,
		.effect = VERB_USE,
		.ede = DNS_EDE_BLOCKED,
		.voluntary = 1,
		.product = m->product,
		.windows_first = compile_windows(c, m->windows),
		.windows_count = (uint32_t)m->windows->count,
		.answer = compile_answer(c, m->answer),
	};
	uint64_t *words = compiler_unit_set(c, &rule.units);
	if (words)
		compiler_set_units(c, words, m->units);
	image_builder_row(&c->image, SECTION_RULES, &rule, sizeof(rule));
	product->rules_count++;
	product->rules_live++;
	return order;
}

void compile_own_rules(struct compiler *c, size_t product)
{
	const struct own_rule *all = c->from->organisation->rules.items;
	for (size_t i = 0; i < c->from->organisation->rules.count; i++) {
		const struct own_rule *r = &all[i];
		if (strcmp(r->product, c->from->products[product].id) != 0)
			continue;
		struct measure m = {
			.id = r->id,
			.title = r->title,
			.reason = r->reason,
			.adoption = "own rule",
			.product = (uint32_t)product,
			.facets = r->facets ? (uint32_t)r->facets : (1u << FACET_COUNT) - 1,
			.network_classes = compiler_network_bits(r->networks),
			.from_us = r->from_us == SCHEMA_ABSENT ? TIME_MIN : r->from_us,
			.until_us = r->until_us == SCHEMA_ABSENT ? TIME_MAX : r->until_us,
			.mode = r->mode,
			.units = &r->units,
			.windows = &r->windows,
			.answer = &r->answer,
		};
		c->own_rows[i] = add_measure(c, &m);
	}
}

void compile_own_list(struct compiler *c, size_t list)
{
	const struct organisation *o = c->from->organisation;
	const struct list_product *l = (const struct list_product *)o->lists.items + list;
	struct measure m = {
		.id = l->id,
		.title = l->title,
		.reason = l->reason,
		.adoption = "own list",
		.product = (uint32_t)(c->from->product_count + list),
		.facets = 1u << FACET_WEB,
		.network_classes = UINT32_MAX,
		.from_us = TIME_MIN,
		.until_us = TIME_MAX,
		.mode = l->mode,
		.units = &l->units,
		.windows = &l->windows,
		.answer = &l->answer,
	};
	c->own_rows[o->rules.count + list] = add_measure(c, &m);
}

uint32_t compiler_find_own(const struct compiler *c, const char *id)
{
	const struct organisation *o = c->from->organisation;
	const struct own_rule *rules = o->rules.items;
	const struct list_product *lists = o->lists.items;
	if (strncmp(id, OWN_PREFIX, strlen(OWN_PREFIX)) != 0)
		return NONE;
	id += strlen(OWN_PREFIX);
	for (size_t i = 0; i < o->rules.count; i++) {
		if (strcmp(rules[i].id, id) == 0)
			return c->own_rows[i];
	}
	for (size_t i = 0; i < o->lists.count; i++) {
		if (strcmp(lists[i].id, id) == 0)
			return c->own_rows[o->rules.count + i];
	}
	return NONE;
}
