#include "policy/explain.h"

#include "policy/judge.h"

static void add_step(struct explanation *x, const struct explanation_step *step)
{
	if (x->count < EXPLANATION_STEPS_MAX)
		x->steps[x->count++] = *step;
	else
		x->dropped++;
}

static void explain_match(const struct policy *p, const struct facts *f, uint32_t identifier,
                          uint8_t labels, bool gives_way, struct explanation *x)
{
	const struct image_identifier *i = &p->identifiers[identifier];
	const struct image_product *product = &p->products[i->product];
	struct explanation_step step = {
		.identifier = identifier,
		.rule = NONE,
		.exemption = NONE,
		.reason = REASON_UNGOVERNED,
		.labels = labels,
		.gives_way = gives_way,
	};
	if (product->rules_count == 0) {
		step.decides = !gives_way && identifier == x->verdict.identifier;
		add_step(x, &step);
	}
	for (uint32_t k = 0; k < product->rules_count; k++) {
		struct outcome o = judge_rule(p, f, i, &p->rules[product->rules_first + k]);
		step.rule = product->rules_first + k;
		step.action = o.action;
		step.reason = o.reason;
		step.exemption = o.exemption;
		step.decides = !gives_way && identifier == x->verdict.identifier &&
		               step.rule == x->verdict.rule;
		add_step(x, &step);
	}
}

void policy_explain(const struct policy *p, const struct facts *f, struct explanation *ret)
{
	struct matches m;
	policy_decide(p, f, &ret->verdict);
	ret->count = ret->dropped = 0;
	judge_matches(p, f, &m);
	for (size_t i = 0; i < m.count; i++)
		explain_match(p, f, m.items[i].identifier, m.items[i].labels, m.items[i].gives_way,
		              ret);
}

const struct image_answer *explanation_answer(const struct policy *p, const struct explanation *x,
                                              uint32_t place)
{
	const struct image_identifier *i = policy_identifier(p, x->verdict.identifier);
	return i && i->is_canary ? NULL : policy_answer(p, x->verdict.rule, place);
}
