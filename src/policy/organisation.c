#include "policy/organisation.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/organisation_schema.h"
#include "policy/organisation_windows.h"
#include "policy/unique.h"

const struct organisation_unit *organisation_unit_find(const struct organisation *o, const char *id)
{
	const struct organisation_unit *all = o->units.items;
	for (size_t i = 0; i < o->units.count; i++) {
		if (strcmp(all[i].id, id) == 0)
			return &all[i];
	}
	return NULL;
}

static void check_units(const struct organisation *o, const struct schema *s, const void *value,
                        const struct schema_list *units, struct problems *p)
{
	const char *const *ids = units->items;
	for (size_t i = 0; i < units->count; i++) {
		if (organisation_unit_find(o, ids[i]))
			continue;
		struct config_place at = config_place_of_item(s, value, "units", i);
		problem_add(p, at.file, at.line, at.column,
		            "unit \"%s\", expected the id of a unit of this file", ids[i]);
	}
}

static void check_interval(const struct schema *s, const void *value, int64_t from, int64_t until,
                           const char *field, struct problems *p)
{
	if (from == SCHEMA_ABSENT || until == SCHEMA_ABSENT || until > from)
		return;
	struct config_place at = config_place_of(s, value, field);
	problem_add(p, at.file, at.line, at.column,
	            "%s is not after the beginning, expected a later time", field);
}

static void check_known(const struct schema *s, const void *value, int64_t at_us, const char *field,
                        struct problems *p)
{
	if (at_us != SCHEMA_UNKNOWN)
		return;
	struct config_place at = config_place_of(s, value, field);
	problem_add(p, at.file, at.line, at.column,
	            "%s is unknown, expected a date: it is yours to decide", field);
}

struct claim {
	struct prefix prefix;
	struct config_place place;
};

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	if (a->prefix.family != b->prefix.family)
		return a->prefix.family < b->prefix.family ? -1 : 1;
	int r = memcmp(a->prefix.bytes, b->prefix.bytes, sizeof(a->prefix.bytes));
	if (r == 0)
		r = (a->prefix.bits > b->prefix.bits) - (a->prefix.bits < b->prefix.bits);
	return r ? r : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

static size_t add_claims(struct claim *claims, size_t count, const struct schema_list *networks)
{
	const struct organisation_network *all = networks->items;
	for (size_t i = 0; i < networks->count; i++)
		claims[count++] = (struct claim){all[i].prefix, all[i].place};
	return count;
}

/* One prefix belongs to one unit. */
static void check_networks(const struct organisation *o, struct problems *p)
{
	const struct organisation_unit *units = o->units.items;
	size_t count = o->networks.count;
	for (size_t i = 0; i < o->units.count; i++)
		count += units[i].networks.count;
	cleanup(free) struct claim *claims = calloc(count + 1, sizeof(*claims));
	if (!claims) {
		problem_add(p, o->place.file, 0, 0, "no memory to compare %zu networks", count);
		return;
	}
	count = add_claims(claims, 0, &o->networks);
	for (size_t i = 0; i < o->units.count; i++)
		count = add_claims(claims, count, &units[i].networks);
	qsort(claims, count, sizeof(*claims), compare_claims);
	for (size_t i = 1; i < count; i++) {
		char text[PREFIX_TEXT_SIZE];
		if (!prefix_equal(&claims[i - 1].prefix, &claims[i].prefix))
			continue;
		problem_add(p, claims[i].place.file, claims[i].place.line, claims[i].place.column,
		            "network %s stands in line %u too, expected each prefix once",
		            prefix_print(&claims[i].prefix, text), claims[i - 1].place.line);
	}
}

static void check_adoptions(const struct organisation *o, struct problems *p)
{
	const struct adoption *all = o->adoptions.items;
	for (size_t i = 0; i < o->adoptions.count; i++) {
		check_units(o, &adoption_schema, &all[i], &all[i].units, p);
		check_known(&adoption_schema, &all[i], all[i].from_us, "from", p);
		check_known(&adoption_schema, &all[i], all[i].until_us, "until", p);
		check_interval(&adoption_schema, &all[i], all[i].from_us, all[i].until_us, "until",
		               p);
	}
}

static void check_exemptions(const struct organisation *o, struct problems *p)
{
	const struct exemption *all = o->exemptions.items;
	for (size_t i = 0; i < o->exemptions.count; i++) {
		const struct exemption *e = &all[i];
		check_units(o, &exemption_schema, e, &e->units, p);
		check_known(&exemption_schema, e, e->not_before_us, "not_before", p);
		check_known(&exemption_schema, e, e->not_after_us, "not_after", p);
		check_interval(&exemption_schema, e, e->not_before_us, e->not_after_us, "not_after",
		               p);
		if (e->units.count == 0 && e->clients.count == 0)
			problem_add(
				p, e->place.file, e->place.line, e->place.column,
				"exemption \"%s\" is for nobody, expected units or clients: no order here "
				"permits a blanket exemption",
				e->id);
	}
}

static void check_own(const struct organisation *o, struct problems *p)
{
	const struct own_rule *rules = o->rules.items;
	const struct list_product *lists = o->lists.items;
	const struct organisation_answer *answers = o->answers.items;
	for (size_t i = 0; i < o->rules.count; i++) {
		const struct own_rule *r = &rules[i];
		check_units(o, &own_rule_schema, r, &r->units, p);
		check_known(&own_rule_schema, r, r->from_us, "from", p);
		check_known(&own_rule_schema, r, r->until_us, "until", p);
		check_interval(&own_rule_schema, r, r->from_us, r->until_us, "until", p);
		for (size_t k = 0; k < o->lists.count; k++) {
			if (strcmp(lists[k].id, r->id) == 0)
				problem_add(p, r->place.file, r->place.line, r->place.column,
				            "rule \"%s\" is called as a list is, expected an id of "
				            "its own",
				            r->id);
		}
	}
	for (size_t i = 0; i < o->lists.count; i++)
		check_units(o, &list_product_schema, &lists[i], &lists[i].units, p);
	for (size_t i = 0; i < o->answers.count; i++)
		check_units(o, &unit_answer_schema, &answers[i], &answers[i].units, p);
}

int organisation_read(const char *file, struct view text, struct arena *a, struct problems *p,
                      struct organisation *ret)
{
	struct organisation o;
	size_t before = p->count;
	int r = schema_read(&organisation_schema, file, text, a, p, &o);
	if (r < 0)
		return r;
	unique_ids(&o.units, sizeof(struct organisation_unit),
	           offsetof(struct organisation_unit, id),
	           offsetof(struct organisation_unit, place), "unit", p);
	unique_ids(&o.adoptions, sizeof(struct adoption), offsetof(struct adoption, order),
	           offsetof(struct adoption, place), "adoption of", p);
	unique_ids(&o.exemptions, sizeof(struct exemption), offsetof(struct exemption, id),
	           offsetof(struct exemption, place), "exemption", p);
	unique_ids(&o.lists, sizeof(struct list_product), offsetof(struct list_product, id),
	           offsetof(struct list_product, place), "list", p);
	unique_ids(&o.rules, sizeof(struct own_rule), offsetof(struct own_rule, id),
	           offsetof(struct own_rule, place), "rule", p);
	check_networks(&o, p);
	check_adoptions(&o, p);
	check_exemptions(&o, p);
	check_own(&o, p);
	r = organisation_find_zones(&o, a, p);
	if (r < 0)
		return r;
	if (p->count != before)
		return ERR_INVALID;
	*ret = o;
	return OK;
}
