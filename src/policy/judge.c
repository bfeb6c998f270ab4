#include "policy/judge.h"

#include <limits.h>

#include "policy/window.h"

#define INSTALL_FACETS (1u << FACET_APP | 1u << FACET_PACKAGE | 1u << FACET_WEIGHTS)

static bool set_has(const struct policy *p, uint32_t first, uint32_t unit)
{
	return p->unit_sets[first + unit / 64] >> unit % 64 & 1;
}

static uint32_t unit_of(const struct policy *p, const struct facts *f)
{
	return f->place < p->place_count ? p->places[f->place].unit : 0;
}

static bool is_bound(const struct policy *p, const struct facts *f, const struct image_rule *rule)
{
	uint32_t class =
		f->place < p->place_count ? p->places[f->place].network_class : NETWORK_OFFICIAL;
	return set_has(p, rule->units, unit_of(p, f)) && rule->network_classes >> class & 1;
}

/* Whether a mark is cut for the sake of these facets: any of its own is enough, but what carries the web
 * service too is not cut for the sake of its other facets, against over-blocking. */
static bool is_cut(const struct image_identifier *i, uint32_t facets)
{
	uint32_t web = 1u << FACET_WEB;
	return (i->facets & facets) != 0 && (!(i->facets & web) || facets & web);
}

/* Whether the obligation reaches a mark. A rule on installing reaches only what carries nothing else. */
static bool is_reached(const struct image_identifier *i, const struct image_rule *rule)
{
	if (rule->effect == VERB_INSTALL)
		return (i->facets & ~(rule->facets_covered & INSTALL_FACETS)) == 0;
	return is_cut(i, rule->facets_covered);
}

/* What the rule says of the identifier's facets, apart from time and place. */
static struct outcome judge_facets(const struct image_identifier *i, const struct image_rule *rule)
{
	if (is_reached(i, rule))
		return (struct outcome){rule->action, rule->reason, NONE};
	if (is_cut(i, rule->facets_block))
		return (struct outcome){rule->action,
		                        rule->action == VERDICT_BLOCK ? REASON_DECIDED
		                                                      : (enum reason)rule->reason,
		                        NONE};
	if (i->facets & rule->facets_conditional)
		return (struct outcome){VERDICT_OBSERVE, REASON_CONDITIONAL, NONE};
	if (i->facets & rule->facets_silent)
		return (struct outcome){VERDICT_OBSERVE, REASON_SILENT, NONE};
	if (i->facets & rule->facets_allow)
		return (struct outcome){VERDICT_ALLOW, REASON_DECIDED, NONE};
	return (struct outcome){VERDICT_ALLOW, REASON_NOT_A_GATE, NONE};
}

/* What kind of mark it is may soften the outcome, never harden it. */
static void soften(const struct image_identifier *i, struct outcome *o)
{
	if (o->action == VERDICT_ALLOW)
		return;
	if (i->role == ROLE_SHARED)
		*o = (struct outcome){VERDICT_ALLOW, REASON_SHARED, NONE};
	else if (i->facets & 1u << FACET_LOOKALIKE)
		*o = (struct outcome){VERDICT_OBSERVE, REASON_LOOKALIKE, NONE};
	else if (i->role == ROLE_SUPPORTING)
		*o = (struct outcome){VERDICT_OBSERVE, REASON_SUPPORTING, NONE};
	else if (i->confidence == CONFIDENCE_LOW)
		*o = (struct outcome){VERDICT_OBSERVE, REASON_LOW_CONFIDENCE, NONE};
}

static bool is_client_in(const struct policy *p, const struct image_exemption *e,
                         const struct address *client)
{
	enum address_family family = client->size == 4 ? ADDRESS_V4 : ADDRESS_V6;
	for (uint32_t k = 0; client->size && k < e->clients_count; k++) {
		const struct image_prefix *from = &p->prefixes[e->clients_first + k];
		struct prefix prefix = {.bits = from->bits, .family = from->family};
		memcpy(prefix.bytes, from->bytes, sizeof(prefix.bytes));
		if (prefix.bits <= (from->family == ADDRESS_V4 ? 32 : 128) &&
		    prefix_contains(&prefix, client->bytes, family))
			return true;
	}
	return false;
}

static uint32_t find_exemption(const struct policy *p, const struct facts *f,
                               const struct image_identifier *i, const struct image_rule *rule)
{
	for (uint32_t k = 0; k < p->exemption_count; k++) {
		const struct image_exemption *e = &p->exemptions[k];
		if (e->order != rule->order || e->product != i->product || !(e->facets & i->facets))
			continue;
		if (f->at_us < e->not_before_us || f->at_us >= e->not_after_us ||
		    !window_is_open(p, e->windows_first, e->windows_count, f->at_us))
			continue;
		/* unit 0 is everybody outside the units: an exemption names somebody */
		if (set_has(p, e->units, unit_of(p, f)) || is_client_in(p, e, &f->client))
			return k;
	}
	return NONE;
}

struct outcome judge_rule(const struct policy *p, const struct facts *f,
                          const struct image_identifier *i, const struct image_rule *rule)
{
	if (rule->action == VERDICT_ALLOW)
		return (struct outcome){VERDICT_ALLOW, rule->reason, NONE};
	if (!is_bound(p, f, rule))
		return (struct outcome){VERDICT_ALLOW, REASON_NOT_BOUND, NONE};
	if (f->at_us < rule->from_us || f->at_us >= rule->until_us)
		return (struct outcome){VERDICT_ALLOW, REASON_NOT_IN_FORCE, NONE};
	if (!window_is_open(p, rule->windows_first, rule->windows_count, f->at_us))
		return (struct outcome){VERDICT_ALLOW, REASON_OUTSIDE_WINDOW, NONE};
	struct outcome o = judge_facets(i, rule);
	soften(i, &o);
	if (o.action == VERDICT_ALLOW)
		return o;
	uint32_t exemption = find_exemption(p, f, i, rule);
	if (exemption != NONE)
		return (struct outcome){VERDICT_ALLOW, REASON_EXEMPT, exemption};
	return o;
}

/* Among outcomes of one action the lower rank speaks; no two reasons of one action share a rank, so that the
 * order of files changes no reason. */
static unsigned rank(enum reason reason)
{
	static const uint8_t ranks[REASON_COUNT] = {
		[REASON_PROHIBITED] = 1,    [REASON_OBSERVE_MODE] = 1, [REASON_EXEMPT] = 1,
		[REASON_DECIDED] = 2,       [REASON_SHARED] = 3,       [REASON_RECOMMENDED] = 3,
		[REASON_SUPPORTING] = 4,    [REASON_LOOKALIKE] = 5,    [REASON_LOW_CONFIDENCE] = 6,
		[REASON_CONDITIONAL] = 7,   [REASON_SILENT] = 8,       [REASON_OUTSIDE_WINDOW] = 9,
		[REASON_NOT_IN_FORCE] = 10, [REASON_NOT_BOUND] = 11,   [REASON_NOT_A_GATE] = 12,
		[REASON_UNGOVERNED] = 13,   [REASON_UNLISTED] = 14,    [REASON_PASSIVE] = 2,
	};
	return ranks[reason] ? ranks[reason] : UINT_MAX; /* one without a rank never speaks first */
}

bool outcome_outweighs(const struct outcome *a, const struct outcome *b)
{
	return a->action != b->action ? a->action > b->action : rank(a->reason) < rank(b->reason);
}

static void add_match(struct matches *m, uint32_t identifier, uint8_t labels)
{
	if (m->count < DECISION_MATCHES_MAX) {
		m->items[m->count].identifier = identifier;
		m->items[m->count].labels = labels;
		m->items[m->count].gives_way = false;
		m->count++;
	}
}

static void match_name(const struct policy *p, const struct facts *f, struct matches *m)
{
	struct name_match found[DECISION_MATCHES_MAX];
	size_t count = name_index_find(&p->names, f->name, found, DECISION_MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (found[i].value >= p->identifier_count)
			continue;
		const struct image_identifier *identifier = &p->identifiers[found[i].value];
		if (identifier_kinds[identifier->kind].group == GROUP_ALIAS &&
		    !f->name_is_alias_target)
			continue;
		add_match(m, found[i].value, found[i].labels);
	}
}

/* How closely a mark was met: by the labels of a name, or as a whole text and not as a part of one. */
static unsigned nearness(const struct policy *p, const struct matches *m, size_t i)
{
	const struct image_identifier *identifier = &p->identifiers[m->items[i].identifier];
	return m->items[i].labels + (m->items[i].labels == 0 && identifier->match == MATCH_EXACT);
}

/* Among marks from `first` on the nearest of a product decides; one of low confidence does not silence
 * another. */
static void settle(const struct policy *p, struct matches *m, size_t first)
{
	for (size_t i = first; i < m->count; i++) {
		for (size_t k = first; k < m->count; k++) {
			const struct image_identifier *nearer =
				&p->identifiers[m->items[k].identifier];
			if (nearness(p, m, k) > nearness(p, m, i) &&
			    nearer->confidence != CONFIDENCE_LOW &&
			    nearer->product == p->identifiers[m->items[i].identifier].product)
				m->items[i].gives_way = true;
		}
	}
}

void judge_matches(const struct policy *p, const struct facts *f, struct matches *ret)
{
	uint32_t found[DECISION_MATCHES_MAX];
	struct address_match addresses[DECISION_MATCHES_MAX];
	size_t count;
	ret->count = 0;
	if (f->name)
		match_name(p, f, ret);
	if (ret->count > 1)
		settle(p, ret, 0);
	if (f->destination.size) {
		count = address_index_find(&p->destinations, f->destination.bytes,
		                           f->destination.size, addresses, DECISION_MATCHES_MAX);
		for (size_t i = 0; i < count; i++) {
			if (addresses[i].value < p->identifier_count)
				add_match(ret, addresses[i].value, 0);
		}
	}
	if (f->text.size) {
		count = text_index_find(&p->values, f->group, f->text, found, DECISION_MATCHES_MAX);
		size_t first = ret->count;
		for (size_t i = 0; i < count; i++)
			add_match(ret, found[i], 0);
		settle(p, ret, first);
	}
}

void judge_given(const struct policy *p, const uint32_t *identifiers, size_t count,
                 struct matches *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (identifiers[i] < p->identifier_count)
			add_match(ret, identifiers[i], 0);
	}
	settle(p, ret, 0);
}
