/* compile_exemptions.c - which permissions are in force: each order's own chain, conditions and limit. */
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "policy/compile_internal.h"
#include "policy/facts.h"
#include "policy/organisation_schema.h"

struct check {
	struct compiler *c;
	const struct exemption *e;
	const struct order *o;
	uint32_t order_row;
	bool is_complete; /* every approval and condition is there */
};

static struct config_place place_of(const struct check *k, const char *field)
{
	return config_place_of(&exemption_schema, k->e, field);
}

static void not_in_force(struct check *k, const char *field, const char *what, const char *which)
{
	struct config_place at = place_of(k, field);
	problem_add(k->c->warnings, at.file, at.line, at.column,
	            "exemption \"%s\" is not in force: %s %s is missing", k->e->id, what, which);
	k->is_complete = false;
}

static bool order_has_role(const struct order *o, const char *role)
{
	const struct order_approval *all = o->exemption.approvals.items;
	for (size_t i = 0; i < o->exemption.approvals.count; i++) {
		if (strcmp(all[i].role, role) == 0)
			return true;
	}
	return o->exemption.approvals.count == 0; /* the chain is not known: any office */
}

/* The approvals given must be the order's chain, from its first office on, each after the one before. */
static void check_approvals(struct check *k)
{
	const struct exemption_approval *given = k->e->approvals.items;
	const struct order_approval *chain = k->o->exemption.approvals.items;
	size_t given_count = k->e->approvals.count, chain_count = k->o->exemption.approvals.count;
	for (size_t i = 0; i < given_count; i++) {
		struct config_place at = given[i].place;
		if (!order_has_role(k->o, given[i].role))
			problem_add(
				k->c->problems, at.file, at.line, at.column,
				"approval by \"%s\", expected an office of the chain of order %s",
				given[i].role, k->o->id);
		else if (chain_count && i >= chain_count)
			problem_add(
				k->c->problems, at.file, at.line, at.column,
				"approval by \"%s\" at place %zu, expected no more than the %zu of order %s",
				given[i].role, i + 1, chain_count, k->o->id);
		else if (i < chain_count && strcmp(given[i].role, chain[i].role) != 0)
			problem_add(
				k->c->problems, at.file, at.line, at.column,
				"approval by \"%s\" at place %zu, expected \"%s\": the order's own sequence",
				given[i].role, i + 1, chain[i].role);
		if (i && given[i].at_us < given[i - 1].at_us)
			problem_add(k->c->problems, at.file, at.line, at.column,
			            "approval before the one it follows, expected a later time");
		if (given[i].at_us == SCHEMA_UNKNOWN)
			problem_add(k->c->problems, at.file, at.line, at.column,
			            "approval at an unknown time, expected the time");
	}
	for (size_t i = given_count; i < chain_count; i++)
		not_in_force(k, "approvals", "the approval of", chain[i].role);
	if (chain_count == 0 && given_count == 0)
		not_in_force(k, "approvals", "any approval by", "an office");
}

static bool lists_text(const struct schema_list *list, const char *text)
{
	const char *const *all = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(all[i], text) == 0)
			return true;
	}
	return false;
}

static bool order_has_condition(const struct order *o, const char *id)
{
	const struct order_condition *all = o->exemption.conditions.items;
	for (size_t i = 0; i < o->exemption.conditions.count; i++) {
		if (strcmp(all[i].id, id) == 0)
			return true;
	}
	return false;
}

static void check_conditions(struct check *k)
{
	const struct order_condition *wanted = k->o->exemption.conditions.items;
	const char *const *given = k->e->conditions.items;
	for (size_t i = 0; i < k->e->conditions.count; i++) {
		struct config_place at =
			config_place_of_item(&exemption_schema, k->e, "conditions", i);
		if (!order_has_condition(k->o, given[i]))
			problem_add(k->c->problems, at.file, at.line, at.column,
			            "condition \"%s\", expected the id of a condition of order %s",
			            given[i], k->o->id);
	}
	for (size_t i = 0; i < k->o->exemption.conditions.count; i++) {
		if (!lists_text(&k->e->conditions, wanted[i].id))
			not_in_force(k, "conditions", "condition", wanted[i].id);
	}
}

static void check_length(struct check *k)
{
	int64_t days = k->o->exemption.max_days;
	if (days == SCHEMA_ABSENT || k->e->not_after_us - k->e->not_before_us <= days * DAY_US)
		return;
	struct config_place at = place_of(k, "not_after");
	problem_add(k->c->problems, at.file, at.line, at.column,
	            "exemption \"%s\" is longer than order %s allows, expected at most %lld days",
	            k->e->id, k->o->id, (long long)days);
}

/* A rule of the organisation's own has no chain: any office of it may permit, and is named. */
static const struct order own_order = {
	.id = "of the organisation's own",
	.exemption = {.available = AVAILABLE_YES, .max_days = SCHEMA_ABSENT}};

static bool find_order(struct check *k)
{
	int order = compiler_find_order(k->c, k->e->order);
	if (order >= 0) {
		k->o = &k->c->from->orders[order];
		k->order_row = k->c->order_rows[order];
	} else {
		k->o = &own_order;
		k->order_row = compiler_find_own(k->c, k->e->order);
	}
	return k->order_row != NONE;
}

/* Says whether the exemption may be written down at all. */
static bool check_order(struct check *k)
{
	struct config_place at = place_of(k, "order");
	if (!find_order(k)) {
		problem_add(k->c->problems, at.file, at.line, at.column,
		            "order \"%s\", expected an order that is adopted in this file",
		            k->e->order);
		return false;
	}
	if (k->o->exemption.available != AVAILABLE_YES) {
		problem_add(
			k->c->problems, at.file, at.line, at.column,
			"order %s allows no exemption as far as is known (available: %s), expected an order "
			"that does",
			k->o->id, availability_names[k->o->exemption.available]);
		return false;
	}
	if (compiler_find_listed(k->c, k->e->product) < 0) {
		at = place_of(k, "product");
		problem_add(k->c->problems, at.file, at.line, at.column,
		            "product \"%s\", expected the id of a product of the catalogue",
		            k->e->product);
		return false;
	}
	return true;
}

static uint32_t approvals_text(struct compiler *c, const struct exemption *e)
{
	const struct exemption_approval *all = e->approvals.items;
	struct buffer text = {0};
	for (size_t i = 0; i < e->approvals.count; i++) {
		char at[TIMESTAMP_TEXT_SIZE];
		buffer_printf(&text, "%s%s: %s, %s", i ? "\n" : "", all[i].role, all[i].by,
		              timestamp_print_date(all[i].at_us, at));
	}
	return compiler_take_text(c, &text);
}

static void add_clients(struct compiler *c, const struct exemption *e, struct image_exemption *row)
{
	const struct prefix *all = e->clients.items;
	row->clients_count = (uint32_t)e->clients.count;
	for (size_t i = 0; i < e->clients.count; i++) {
		struct image_prefix prefix = {.bits = all[i].bits, .family = all[i].family};
		memcpy(prefix.bytes, all[i].bytes, sizeof(prefix.bytes));
		uint32_t at =
			image_builder_row(&c->image, SECTION_PREFIXES, &prefix, sizeof(prefix));
		if (i == 0)
			row->clients_first = at;
	}
}

static void add_exemption(struct compiler *c, const struct exemption *e, uint32_t order_row)
{
	const struct exemption_approval *approvals = e->approvals.items;
	struct image_builder *b = &c->image;
	struct image_exemption row = {
		.id = image_builder_text(b, e->id),
		.order = order_row,
		.product = (uint32_t)compiler_find_listed(c, e->product),
		.facets = (uint32_t)e->facets,
		.not_before_us = e->not_before_us,
		.not_after_us = e->not_after_us,
		.reason = image_builder_text(b, e->reason),
		.conditions = compiler_text_list(c, &e->conditions),
		.approvals = approvals_text(c, e),
		.windows_first = compile_windows(c, &e->windows),
		.windows_count = (uint32_t)e->windows.count,
	};
	/* nothing is permitted before its last approval */
	if (e->approvals.count && approvals[e->approvals.count - 1].at_us > row.not_before_us)
		row.not_before_us = approvals[e->approvals.count - 1].at_us;
	if (row.facets == 0)
		row.facets = UINT32_MAX;
	uint64_t *words = compiler_unit_set(c, &row.units);
	if (words && e->units.count)
		compiler_set_units(c, words, &e->units);
	add_clients(c, e, &row);
	image_builder_row(b, SECTION_EXEMPTIONS, &row, sizeof(row));
}

void compile_exemptions(struct compiler *c)
{
	const struct exemption *all = c->from->organisation->exemptions.items;
	for (size_t i = 0; i < c->from->organisation->exemptions.count; i++) {
		struct check k = {.c = c, .e = &all[i], .is_complete = true};
		if (!check_order(&k))
			continue;
		check_approvals(&k);
		check_conditions(&k);
		check_length(&k);
		if (k.is_complete)
			add_exemption(c, k.e, k.order_row);
	}
}
