#include "policy/judge.h"

static const struct verdict unlisted = {
	.action = VERDICT_ALLOW,
	.reason = REASON_UNLISTED,
	.identifier = NONE,
	.rule = NONE,
	.exemption = NONE,
};

static void weigh(const struct policy *p, const struct facts *f, uint32_t identifier,
                  uint8_t labels, struct verdict *v)
{
	const struct image_identifier *i = &p->identifiers[identifier];
	const struct image_product *product = &p->products[i->product];
	struct outcome best = {v->action, v->reason, v->exemption};
	struct outcome o = {VERDICT_ALLOW, REASON_UNGOVERNED, NONE};
	uint32_t rule = NONE;
	/* rules that can act stand first; the others only tell why nothing does */
	for (uint32_t k = 0; k < product->rules_count; k++) {
		struct outcome next = judge_rule(p, f, i, &p->rules[product->rules_first + k]);
		if (k == product->rules_live && o.action != VERDICT_ALLOW)
			break;
		if (outcome_outweighs(&next, &o)) {
			o = next;
			rule = product->rules_first + k;
		}
	}
	if (outcome_outweighs(&o, &best))
		*v = (struct verdict){o.action, o.reason, identifier, rule, o.exemption, labels};
}

static void weigh_all(const struct policy *p, const struct facts *f, const struct matches *m,
                      struct verdict *ret)
{
	*ret = unlisted;
	for (size_t i = 0; i < m->count; i++) {
		if (!m->items[i].gives_way)
			weigh(p, f, m->items[i].identifier, m->items[i].labels, ret);
	}
}

void policy_decide(const struct policy *p, const struct facts *f, struct verdict *ret)
{
	struct matches m;
	judge_matches(p, f, &m);
	weigh_all(p, f, &m, ret);
}

void policy_decide_by(const struct policy *p, const struct facts *f, const uint32_t *identifiers,
                      size_t count, struct verdict *ret)
{
	struct matches m;
	judge_given(p, identifiers, count, &m);
	weigh_all(p, f, &m, ret);
}

bool policy_is_canary(const struct policy *p, const struct dname *name)
{
	struct name_match found[DECISION_MATCHES_MAX];
	size_t count = name_index_find(&p->names, name, found, DECISION_MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (found[i].value < p->identifier_count &&
		    p->identifiers[found[i].value].is_canary)
			return true;
	}
	return false;
}

bool policy_strips_ech(const struct policy *p, const struct dname *name)
{
	struct name_match found[DECISION_MATCHES_MAX];
	if (p->organisation->strip_ech != ECH_STRIP_GOVERNED_NAMES)
		return p->organisation->strip_ech == ECH_STRIP_ALL_NAMES;
	size_t count = name_index_find(&p->names, name, found, DECISION_MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (found[i].value < p->identifier_count &&
		    p->products[p->identifiers[found[i].value].product].rules_live)
			return true;
	}
	return false;
}
