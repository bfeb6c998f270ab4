/* compile_rules.c - what each obligation of each adopted order does in this organisation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "policy/compile_internal.h"
#include "policy/facts.h"
#include "policy/organisation_schema.h"
#include "policy/policy.h"
#include "wire/dns.h"

#define ALL_FACETS ((1u << FACET_COUNT) - 1)

/* An order of a federation binds its states' bodies where its classes say so; EU and INT bind anywhere. */
static bool jurisdiction_matches(const char *organisation, const char *order)
{
	size_t size = strlen(order);
	if (strcmp(order, "EU") == 0 || strcmp(order, "INT") == 0)
		return true;
	return strncmp(organisation, order, size) == 0 &&
	       (organisation[size] == 0 || organisation[size] == '-');
}

/* What an obligation asks of a gate, before the adoption softens or raises it. */
static void judge_obligation(const struct order_obligation *o, const struct adoption *a,
                             struct image_rule *rule)
{
	bool binding = o->force == FORCE_MUST || (o->force == FORCE_SHOULD && a->raise_should);
	rule->effect = (uint8_t)verbs[o->verb].effect;
	rule->action = VERDICT_ALLOW;
	rule->reason = REASON_NOT_A_GATE;
	if (rule->effect == VERB_NOTHING || (o->binds & ~organisation_class_third_parties()) == 0)
		return;
	if (!binding && o->force != FORCE_SHOULD)
		return;
	rule->action = VERDICT_OBSERVE;
	rule->reason = REASON_RECOMMENDED;
	if (!binding)
		return;
	rule->reason = REASON_OBSERVE_MODE;
	if (a->mode == ADOPTION_OBSERVE)
		return;
	rule->action = VERDICT_BLOCK;
	rule->reason = REASON_PROHIBITED;
}

static void set_facets(const struct order *o, const struct order_obligation *b,
                       const struct adoption *a, struct image_rule *rule)
{
	const struct adoption_decision *decisions = a->decisions.items;
	uint32_t covered = (uint32_t)order_facets(o, POSITION_COVERED);
	rule->facets_covered = b->facets ? (uint32_t)b->facets : covered;
	rule->facets_conditional = (uint32_t)(order_facets(o, POSITION_EXCLUDED) |
	                                      order_facets(o, POSITION_CONDITIONAL)) &
	                           ~rule->facets_covered;
	rule->facets_silent =
		ALL_FACETS & ~(covered | rule->facets_covered | rule->facets_conditional);
	for (size_t i = 0; i < a->decisions.count; i++) {
		uint32_t bit = (1u << decisions[i].facet) & rule->facets_silent;
		*(decisions[i].verdict == 0 ? &rule->facets_block : &rule->facets_allow) |= bit;
		rule->facets_silent &= ~bit;
	}
}

/* The units that the obligation binds here; says whether there is any. */
static bool bind_units(struct compiler *c, const struct order *o, const struct order_obligation *b,
                       const struct adoption *a, uint32_t *ret_set)
{
	const struct organisation *org = c->from->organisation;
	const struct organisation_unit *units = org->units.items;
	bool any = false, here = jurisdiction_matches(org->jurisdiction, o->jurisdiction);
	uint64_t third = organisation_class_third_parties();
	uint64_t *words = compiler_unit_set(c, ret_set);
	if (!words)
		return false;
	compiler_set_units(c, words, &a->units);
	for (size_t i = 0; i <= org->units.count; i++) {
		uint64_t classes = i && units[i - 1].classes ? units[i - 1].classes : org->classes;
		uint64_t bit = UINT64_C(1) << i % 64;
		bool bound =
			a->voluntary ? (b->binds & ~third) != 0 : here && (classes & b->binds) != 0;
		if (!bound)
			words[i / 64] &= ~bit;
		any |= (words[i / 64] & bit) != 0;
	}
	return any;
}

uint32_t compiler_network_bits(uint64_t networks)
{
	if (networks == 0 || networks & (UINT64_C(1) << NETWORK_ANY))
		return UINT32_MAX;
	return (uint32_t)networks | 1u << NETWORK_ANY;
}

static uint32_t adoption_text(struct compiler *c, const struct adoption *a,
                              const struct image_rule *rule)
{
	char from[TIMESTAMP_TEXT_SIZE], text[160];
	(void)snprintf(text, sizeof(text), "%s from %s%s%s", adoption_mode_names[a->mode],
	               rule->from_us == TIME_MAX ? "never"
	                                         : timestamp_print_date(rule->from_us, from),
	               rule->voluntary ? ", voluntarily" : "",
	               a->raise_should ? ", recommendations raised" : "");
	return image_builder_text(&c->image, text);
}

static uint8_t ede_of(const struct adoption *a, bool voluntary)
{
	static const uint8_t codes[] = {[ERROR_BLOCKED] = DNS_EDE_BLOCKED,
	                                [ERROR_CENSORED] = DNS_EDE_CENSORED,
	                                [ERROR_FILTERED] = DNS_EDE_FILTERED};
	if (a->error == ERROR_BY_ORDER)
		return voluntary ? DNS_EDE_BLOCKED : DNS_EDE_CENSORED;
	return codes[a->error];
}

static uint32_t condition_text(struct compiler *c, const struct order *o)
{
	const struct order_scope *all = o->scope.items;
	for (size_t i = 0; i < o->scope.count; i++) {
		if (all[i].condition)
			return image_builder_text(&c->image, all[i].condition);
	}
	return 0;
}

static struct image_rule make_rule(struct compiler *c, size_t order, size_t obligation,
                                   const struct adoption *a)
{
	const struct order *o = &c->from->orders[order];
	const struct order_obligation *b =
		(const struct order_obligation *)o->obligations.items + obligation;
	struct image_rule rule = {
		.order = c->order_rows[order],
		.obligation = c->obligation_rows[order] + (uint32_t)obligation,
		.network_classes = compiler_network_bits(b->networks),
		.voluntary = a->voluntary,
		.ede = ede_of(a, a->voluntary),
		.condition = condition_text(c, o),
	};
	order_interval(o, &rule.from_us, &rule.until_us);
	if (a->from_us != SCHEMA_ABSENT && a->from_us > rule.from_us)
		rule.from_us = a->from_us;
	if (a->until_us != SCHEMA_ABSENT && a->until_us < rule.until_us)
		rule.until_us = a->until_us;
	judge_obligation(b, a, &rule);
	set_facets(o, b, a, &rule);
	bool is_bound = bind_units(c, o, b, a, &rule.units);
	/* what no block would meet is said first: it is so for everybody, at any time */
	if (rule.action == VERDICT_ALLOW) {
		rule.reason = REASON_NOT_A_GATE;
	} else if (!is_bound) {
		rule.action = VERDICT_ALLOW;
		rule.reason = REASON_NOT_BOUND;
	} else if (rule.from_us >= rule.until_us) {
		rule.action = VERDICT_ALLOW;
		rule.reason = REASON_NOT_IN_FORCE;
	}
	rule.adoption = adoption_text(c, a, &rule);
	return rule;
}

static bool order_names_product(const struct order *o, const char *product)
{
	const char *const *ids = o->products.items;
	for (size_t i = 0; i < o->products.count; i++) {
		if (strcmp(ids[i], product) == 0)
			return true;
	}
	return false;
}

/* Rules that act stand first, and of these the ones on use, since of two that say the same the first
 * speaks; those that never can act stand last and only explain. */
enum stage { STAGE_USE, STAGE_INSTALL, STAGE_NEVER, STAGES };

static enum stage stage_of(const struct image_rule *rule)
{
	if (rule->action == VERDICT_ALLOW || rule->from_us >= rule->until_us)
		return STAGE_NEVER;
	return rule->effect == VERB_USE ? STAGE_USE : STAGE_INSTALL;
}

static void set_windows_and_answer(struct compiler *c, const struct adoption *a,
                                   struct image_rule *rule)
{
	rule->windows_first = compile_windows(c, &a->windows);
	rule->windows_count = (uint32_t)a->windows.count;
	rule->answer = compile_answer(c, &a->answer);
}

static void add_rules(struct compiler *c, size_t product, enum stage stage)
{
	const struct organisation *org = c->from->organisation;
	const struct adoption *all = org->adoptions.items;
	struct image_product *row = &c->products[product];
	for (size_t i = 0; i < org->adoptions.count; i++) {
		int order = compiler_find_order(c, all[i].order);
		const struct order *o = order < 0 ? NULL : &c->from->orders[order];
		if (!o || !order_names_product(o, c->from->products[product].id))
			continue;
		for (size_t k = 0; k < o->obligations.count; k++) {
			struct image_rule rule = make_rule(c, (size_t)order, k, &all[i]);
			rule.product = (uint32_t)product;
			if (stage_of(&rule) != stage)
				continue;
			set_windows_and_answer(c, &all[i], &rule);
			image_builder_row(&c->image, SECTION_RULES, &rule, sizeof(rule));
			row->rules_count++;
			row->rules_live += stage != STAGE_NEVER;
		}
	}
}

static uint32_t rules_so_far(const struct compiler *c)
{
	return (uint32_t)(c->image.sections[SECTION_RULES].size / sizeof(struct image_rule));
}

static void check_adoption(struct compiler *c, const struct adoption *a)
{
	struct config_place at = config_place_of(&adoption_schema, a, "order");
	int64_t from, until;
	int order = compiler_find_order(c, a->order);
	if (order < 0) {
		problem_add(c->problems, at.file, at.line, at.column,
		            "order \"%s\", expected the id of an order of the catalogue", a->order);
		return;
	}
	order_interval(&c->from->orders[order], &from, &until);
	if (from == TIME_MIN && a->from_us == SCHEMA_ABSENT)
		problem_add(c->problems, at.file, at.line, at.column,
		            "order \"%s\" carries no known date, expected `from` in its adoption",
		            a->order);
}

static void check_own_rules(struct compiler *c)
{
	const struct own_rule *all = c->from->organisation->rules.items;
	for (size_t i = 0; i < c->from->organisation->rules.count; i++) {
		struct config_place at = config_place_of(&own_rule_schema, &all[i], "product");
		if (compiler_find_product(c, all[i].product) < 0)
			problem_add(c->problems, at.file, at.line, at.column,
			            "product \"%s\", expected the id of a product of the catalogue",
			            all[i].product);
	}
}

static void count_rules(struct compiler *c, const struct image_product *row)
{
	c->counts.rules += row->rules_count;
	c->counts.rules_live += row->rules_live;
}

static void add_product(struct compiler *c, size_t product)
{
	const struct product *from = &c->from->products[product];
	struct image_product *row = &c->products[product];
	row->rules_first = rules_so_far(c);
	row->id = image_builder_text(&c->image, from->id);
	row->title = image_builder_text(&c->image, from->title);
	for (int stage = 0; stage < STAGES; stage++) {
		if (stage == STAGE_NEVER)
			compile_own_rules(c, product);
		add_rules(c, product, (enum stage)stage);
	}
	count_rules(c, row);
}

static void add_list(struct compiler *c, size_t list)
{
	const struct list_product *from =
		(const struct list_product *)c->from->organisation->lists.items + list;
	struct image_product *row = &c->products[c->from->product_count + list];
	row->rules_first = rules_so_far(c);
	row->id = image_builder_text(&c->image, from->id);
	row->title = image_builder_text(&c->image, from->title ? from->title : from->id);
	compile_own_list(c, list);
	count_rules(c, row);
}

void compile_rules(struct compiler *c)
{
	const struct organisation *o = c->from->organisation;
	const struct adoption *adoptions = o->adoptions.items;
	for (size_t i = 0; i < o->adoptions.count; i++)
		check_adoption(c, &adoptions[i]);
	check_own_rules(c);
	for (size_t i = 0; i < c->from->product_count; i++)
		add_product(c, i);
	for (size_t i = 0; i < o->lists.count; i++)
		add_list(c, i);
}
