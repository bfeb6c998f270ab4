/* explain.h - why a verdict is what it is: every identifier, order and obligation that took part.
 *
 * The same steps as policy_decide(), written down instead of weighed, so that an explanation cannot
 * disagree with the decision. Allocates nothing; not for the packet path. */
#pragma once

#include "policy/policy.h"

enum { EXPLANATION_STEPS_MAX = 256 };

struct explanation_step {
	uint32_t identifier;
	uint32_t rule; /* NONE: no adopted order names the product */
	uint32_t exemption;
	enum verdict_action action;
	enum reason reason;
	uint8_t labels;
	bool gives_way; /* a more specific name of the same product decides instead */
	bool decides;   /* this step is the verdict */
};

struct explanation {
	struct verdict verdict;
	struct explanation_step steps[EXPLANATION_STEPS_MAX];
	size_t count, dropped;
};

void policy_explain(const struct policy *p, const struct facts *f, struct explanation *ret);

/* What a gate there answers instead of what is blocked; NULL when that is a matter of its settings, or of the
 * canary that it is. */
const struct image_answer *explanation_answer(const struct policy *p, const struct explanation *x,
                                              uint32_t place);
