/* decide_reference.h - what a policy should say, worked out from the sources by plain scans.
 *
 * Written from policy.h, the catalogue's README and the design, and not from the program: no index, no
 * rows, names compared as texts. */
#pragma once

#include <time.h>

#include "policy/policy.h"
#include "tests/property/decide_world.h"

struct question {
	int64_t at_us;
	bool has_client;
	struct address client;
	const char *name; /* as it is compared; NULL for none */
	bool is_alias_target;
	struct address destination;
	const char *text; /* NULL for none; lower-case */
	enum kind_group group;
};

struct answer {
	enum verdict_action action;
	enum reason reason;
};

static bool answer_equal(struct answer a, struct answer b)
{
	return a.action == b.action && a.reason == b.reason;
}

/* --- which marks a question meets --- */

static const char *compared_name(const char *written)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(names[i].written, written) == 0)
			return names[i].compared;
	}
	return written;
}

static size_t labels_of(const char *name)
{
	size_t count = 1;
	for (; *name; name++)
		count += *name == '.';
	return count;
}

static bool name_meets(const struct product_identifier *i, const char *name)
{
	const char *own = compared_name(i->value);
	size_t size = strlen(name), own_size = strlen(own);
	if (strcmp(name, own) == 0)
		return true;
	return i->match == MATCH_SUFFIX && size > own_size &&
	       strcmp(name + size - own_size, own) == 0 && name[size - own_size - 1] == '.';
}

static bool address_meets(const char *value, const struct address *a)
{
	struct prefix p;
	assert_int_equal(prefix_parse(view_text(value), &p), OK);
	if (p.family != (a->size == 4 ? ADDRESS_V4 : ADDRESS_V6))
		return false;
	for (unsigned bit = 0; bit < p.bits; bit++) {
		if ((p.bytes[bit / 8] ^ a->bytes[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	}
	return true;
}

static void lower(const char *from, char *ret)
{
	if (strncmp(from, "https://", 8) == 0)
		from += 8;
	while ((*ret++ = (char)(*from >= 'A' && *from <= 'Z' ? *from + 32 : *from)))
		from++;
}

/* hub.example/{org}/seek and whatever lies below it. */
static bool template_meets(const char *pattern, const char *text)
{
	const char *open = strchr(pattern, '{');
	if (!open)
		return strncmp(text, pattern, strlen(pattern)) == 0;
	size_t size = (size_t)(open - pattern), segment;
	if (strncmp(text, pattern, size) != 0)
		return false;
	segment = strcspn(text + size, "/");
	return segment && template_meets(strchr(open, '}') + 1, text + size + segment);
}

static bool text_meets(const struct product_identifier *i, const char *text)
{
	const struct identifier_kind *kind = &identifier_kinds[i->kind];
	char value[256], before[64] = "";
	lower(i->value, value);
	if (strcmp(kind->name, "npm") == 0 || strcmp(kind->name, "pypi") == 0)
		(void)snprintf(before, sizeof(before), "%s/", kind->name);
	else if (kind->group == GROUP_FILE || kind->group == GROUP_REQUEST)
		(void)snprintf(before, sizeof(before), "%s=", kind->name);
	if (strncmp(text, before, strlen(before)) != 0)
		return false;
	text += strlen(before);
	switch (i->match) {
	case MATCH_EXACT: return strcmp(text, value) == 0;
	case MATCH_PREFIX: return strncmp(text, value, strlen(value)) == 0;
	case MATCH_CONTAINS: return strstr(text, value) != NULL;
	case MATCH_TEMPLATE: return template_meets(value, text);
	default: return false; /* expressions are for scans */
	}
}

static bool is_name_kind(const struct product_identifier *i)
{
	return identifier_kinds[i->kind].group == GROUP_NAME ||
	       identifier_kinds[i->kind].group == GROUP_ALIAS;
}

static bool meets(const struct product_identifier *i, const struct question *q)
{
	enum kind_group group = identifier_kinds[i->kind].group;
	if (is_name_kind(i))
		return q->name && name_meets(i, q->name) &&
		       (group == GROUP_NAME || q->is_alias_target);
	if (group == GROUP_ADDRESS)
		return q->destination.size && address_meets(i->value, &q->destination);
	return q->text && group == q->group && text_meets(i, q->text);
}

static bool is_text_kind(const struct product_identifier *i)
{
	return !is_name_kind(i) && identifier_kinds[i->kind].group != GROUP_ADDRESS;
}

/* Of two marks of one sort: a name by its labels, a text by being whole. */
static bool is_nearer(const struct product_identifier *a, const struct product_identifier *b)
{
	if (is_name_kind(a) && is_name_kind(b))
		return labels_of(compared_name(a->value)) > labels_of(compared_name(b->value));
	return is_text_kind(a) && is_text_kind(b) && a->match == MATCH_EXACT &&
	       b->match != MATCH_EXACT;
}

/* Another mark of the product, nearer to what is asked for and not of low confidence, decides instead. */
static bool gives_way(const struct product *p, const struct product_identifier *i,
                      const struct question *q)
{
	const struct product_identifier *all = p->identifiers.items;
	for (size_t k = 0; k < p->identifiers.count; k++) {
		if (is_nearer(&all[k], i) && meets(&all[k], q) &&
		    all[k].confidence != CONFIDENCE_LOW)
			return true;
	}
	return false;
}

/* --- who asks --- */

/* The smallest network that holds the client; NULL: the organisation at large. */
static const struct organisation_network *network_of(const struct world *w,
                                                     const struct question *q, size_t *ret_unit)
{
	const struct organisation_network *best = NULL;
	*ret_unit = 0;
	for (size_t i = 0; q->has_client && i <= w->organisation.units.count; i++) {
		const struct organisation_network *n = &w->networks[i];
		if (prefix_contains(&n->prefix, q->client.bytes,
		                    q->client.size == 4 ? ADDRESS_V4 : ADDRESS_V6) &&
		    (!best || n->prefix.bits > best->prefix.bits)) {
			best = n;
			*ret_unit = i;
		}
	}
	return best;
}

static bool names_unit(const struct schema_list *units, size_t unit)
{
	const char *const *all = units->items;
	for (size_t i = 0; unit && i < units->count; i++) {
		if (strcmp(all[i], unit_ids[unit - 1]) == 0)
			return true;
	}
	return false;
}

static bool reference_binds_unit(const struct world *w, const struct order *o,
                                 const struct order_obligation *b, const struct adoption *a,
                                 size_t unit)
{
	const struct organisation *org = &w->organisation;
	uint64_t classes =
		unit && w->units[unit - 1].classes ? w->units[unit - 1].classes : org->classes;
	if (a->units.count && !names_unit(&a->units, unit))
		return false;
	if (a->voluntary)
		return (b->binds & ~organisation_class_third_parties()) != 0;
	bool here = strcmp(o->jurisdiction, "EU") == 0 || strcmp(o->jurisdiction, "INT") == 0 ||
	            strcmp(o->jurisdiction, org->jurisdiction) == 0 ||
	            (strcmp(o->jurisdiction, "XA") == 0 && strcmp(org->jurisdiction, "XA-B") == 0);
	return here && (classes & b->binds);
}

/* --- what one obligation says of one mark --- */

static uint64_t facets_at(const struct order *o, enum position position)
{
	const struct order_scope *all = o->scope.items;
	uint64_t set = 0;
	for (size_t i = 0; i < o->scope.count; i++)
		set |= (uint64_t)(all[i].position == (int)position) << all[i].facet;
	return set;
}

static uint64_t decided(const struct adoption *a, int verdict)
{
	const struct adoption_decision *all = a->decisions.items;
	uint64_t set = 0;
	for (size_t i = 0; i < a->decisions.count; i++)
		set |= (uint64_t)(all[i].verdict == verdict) << all[i].facet;
	return set;
}

static struct answer by_force(const struct order_obligation *b, const struct adoption *a)
{
	if (b->force == FORCE_SHOULD && !a->raise_should)
		return (struct answer){VERDICT_OBSERVE, REASON_RECOMMENDED};
	if (a->mode == ADOPTION_OBSERVE)
		return (struct answer){VERDICT_OBSERVE, REASON_OBSERVE_MODE};
	return (struct answer){VERDICT_BLOCK, REASON_PROHIBITED};
}

static bool is_gateable(const struct order_obligation *b)
{
	return verbs[b->verb].effect != VERB_NOTHING &&
	       (b->binds & ~organisation_class_third_parties()) &&
	       (b->force == FORCE_MUST || b->force == FORCE_SHOULD);
}

static struct answer by_facets(const struct order *o, const struct order_obligation *b,
                               const struct adoption *a, const struct product_identifier *i)
{
	const uint64_t web = 1u << FACET_WEB,
		       install = 1u << FACET_APP | 1u << FACET_PACKAGE | 1u << FACET_WEIGHTS;
	uint64_t covered = b->facets ? b->facets : facets_at(o, POSITION_COVERED);
	uint64_t outside =
		(facets_at(o, POSITION_EXCLUDED) | facets_at(o, POSITION_CONDITIONAL)) & ~covered;
	uint64_t silent =
		((1u << FACET_COUNT) - 1) & ~(covered | outside | facets_at(o, POSITION_COVERED));
	uint64_t block = silent & decided(a, 0), allow = silent & decided(a, 1);
	bool is_install = verbs[b->verb].effect == VERB_INSTALL;
	struct answer full = by_force(b, a);
	if (is_install ? !(i->facets & ~(covered & install))
	               : (i->facets & covered) && (!(i->facets & web) || covered & web))
		return full;
	if (i->facets & block && (!(i->facets & web) || block & web))
		return full.action == VERDICT_BLOCK ? (struct answer){VERDICT_BLOCK, REASON_DECIDED}
		                                    : full;
	if (i->facets & outside)
		return (struct answer){VERDICT_OBSERVE, REASON_CONDITIONAL};
	if (i->facets & silent & ~block & ~allow)
		return (struct answer){VERDICT_OBSERVE, REASON_SILENT};
	if (i->facets & allow)
		return (struct answer){VERDICT_ALLOW, REASON_DECIDED};
	return (struct answer){VERDICT_ALLOW, REASON_NOT_A_GATE};
}

static struct answer by_mark(struct answer a, const struct product_identifier *i)
{
	if (a.action == VERDICT_ALLOW)
		return a;
	if (i->role == ROLE_SHARED)
		return (struct answer){VERDICT_ALLOW, REASON_SHARED};
	if (i->facets >> FACET_LOOKALIKE & 1)
		return (struct answer){VERDICT_OBSERVE, REASON_LOOKALIKE};
	if (i->role == ROLE_SUPPORTING)
		return (struct answer){VERDICT_OBSERVE, REASON_SUPPORTING};
	if (i->confidence == CONFIDENCE_LOW)
		return (struct answer){VERDICT_OBSERVE, REASON_LOW_CONFIDENCE};
	return a;
}

static bool is_open(const struct schema_list *windows, int64_t at_us)
{
	const struct window *all = windows->items;
	bool open = windows->count == 0;
	for (size_t i = 0; i < windows->count; i++) {
		/* every hour of the window, counted from its own day */
		for (int back = 0; back < 2; back++) {
			time_t day = (time_t)(at_us / SECOND_US) - back * 86400;
			struct tm *began = gmtime(&day);
			int64_t midnight_us = timestamp_days(began->tm_year + 1900,
			                                     began->tm_mon + 1, began->tm_mday) *
			                      DAY_US;
			int64_t length_us = all[i].until_us - all[i].from_us;
			int64_t from_us = midnight_us + all[i].from_us;
			length_us += length_us <= 0 ? DAY_US : 0;
			open |= all[i].days >> (began->tm_wday + 6) % 7 & 1 && at_us >= from_us &&
			        at_us < from_us + length_us;
		}
	}
	return open;
}

static bool exempts(const struct exemption *e, const struct order *o, const struct product *p,
                    const struct product_identifier *i, const struct question *q, size_t unit)
{
	const struct exemption_approval *given = e->approvals.items;
	const struct prefix *clients = e->clients.items;
	size_t chain = o->exemption.approvals.count;
	if (strcmp(e->order, o->id) != 0 || strcmp(e->product, p->id) != 0)
		return false;
	if (e->approvals.count < (chain ? chain : 1) ||
	    e->conditions.count < o->exemption.conditions.count)
		return false;
	if (e->facets && !(e->facets & i->facets))
		return false;
	if (q->at_us < e->not_before_us || q->at_us >= e->not_after_us ||
	    q->at_us < given[e->approvals.count - 1].at_us || !is_open(&e->windows, q->at_us))
		return false;
	return names_unit(&e->units, unit) ||
	       (e->clients.count && q->has_client &&
	        prefix_contains(&clients[0], q->client.bytes,
	                        q->client.size == 4 ? ADDRESS_V4 : ADDRESS_V6));
}

static void in_force(const struct order *o, const struct adoption *a, int64_t *from, int64_t *until)
{
	bool gone = o->status == ORDER_SUPERSEDED || o->status == ORDER_ENDED;
	*from = o->effective_us != SCHEMA_UNKNOWN   ? o->effective_us
	        : o->announced_us != SCHEMA_UNKNOWN ? o->announced_us
	                                            : TIME_MIN;
	*until = o->ended_us == SCHEMA_ABSENT || o->ended_us == SCHEMA_UNKNOWN ? TIME_MAX
	                                                                       : o->ended_us;
	if (o->status == ORDER_PROPOSED || o->status == ORDER_INFORMAL ||
	    (gone && o->ended_us == SCHEMA_UNKNOWN))
		*until = TIME_MIN;
	if (a->from_us > *from)
		*from = a->from_us;
	if (a->until_us != SCHEMA_ABSENT && a->until_us < *until)
		*until = a->until_us;
}

static struct answer reference_rule(const struct world *w, const struct question *q,
                                    const struct product *p, const struct product_identifier *i,
                                    const struct order *o, const struct order_obligation *b,
                                    const struct adoption *a)
{
	size_t unit;
	const struct organisation_network *n = network_of(w, q, &unit);
	unsigned class = n ? (unsigned)n->network_class : NETWORK_OFFICIAL;
	int64_t from, until;
	if (!is_gateable(b))
		return (struct answer){VERDICT_ALLOW, REASON_NOT_A_GATE};
	bool on_network = b->networks == 0 || class == NETWORK_ANY || b->networks >> class & 1 ||
	                  b->networks >> NETWORK_ANY & 1;
	bool anywhere = false;
	for (size_t u = 0; u <= w->organisation.units.count; u++)
		anywhere |= reference_binds_unit(w, o, b, a, u);
	in_force(o, a, &from, &until);
	if (!anywhere)
		return (struct answer){VERDICT_ALLOW, REASON_NOT_BOUND};
	if (from >= until) /* never in force anywhere: it says so even where it does not bind */
		return (struct answer){VERDICT_ALLOW, REASON_NOT_IN_FORCE};
	if (!on_network || !reference_binds_unit(w, o, b, a, unit))
		return (struct answer){VERDICT_ALLOW, REASON_NOT_BOUND};
	if (q->at_us < from || q->at_us >= until)
		return (struct answer){VERDICT_ALLOW, REASON_NOT_IN_FORCE};
	if (!is_open(&a->windows, q->at_us))
		return (struct answer){VERDICT_ALLOW, REASON_OUTSIDE_WINDOW};
	struct answer answer = by_mark(by_facets(o, b, a, i), i);
	const struct exemption *all = w->organisation.exemptions.items;
	for (size_t k = 0; answer.action != VERDICT_ALLOW && k < w->organisation.exemptions.count;
	     k++) {
		if (exempts(&all[k], o, p, i, q, unit))
			answer = (struct answer){VERDICT_ALLOW, REASON_EXEMPT};
	}
	return answer;
}

/* The strictest speaks; among equals the reason that tells most, from first to last. */
static unsigned place_of_reason(enum reason reason)
{
	static const enum reason order[] = {
		REASON_PROHIBITED,   REASON_OBSERVE_MODE, REASON_EXEMPT,
		REASON_DECIDED,      REASON_SHARED,       REASON_RECOMMENDED,
		REASON_SUPPORTING,   REASON_LOOKALIKE,    REASON_LOW_CONFIDENCE,
		REASON_CONDITIONAL,  REASON_SILENT,       REASON_OUTSIDE_WINDOW,
		REASON_NOT_IN_FORCE, REASON_NOT_BOUND,    REASON_NOT_A_GATE,
		REASON_UNGOVERNED,   REASON_UNLISTED};
	unsigned at = 0;
	while (order[at] != reason)
		at++;
	return at;
}
