#include "finding/strength.h"

const char *const finding_strength_names[] = {
	[FINDING_NOTHING] = "nothing",
	[FINDING_POSSIBLE] = "possible",
	[FINDING_USE] = "use",
	[FINDING_STRENGTHS] = NULL,
};

enum finding_strength finding_strength_by(const struct policy *p, uint32_t identifier)
{
	const struct image_identifier *i = policy_identifier(p, identifier);
	if (i->role == ROLE_SUPPORTING || i->facets == 1U << FACET_LOOKALIKE)
		return FINDING_NOTHING;
	if (i->role == ROLE_SHARED)
		return identifier_kinds[i->kind].group == GROUP_ADDRESS ? FINDING_NOTHING
		                                                        : FINDING_POSSIBLE;
	return i->confidence == CONFIDENCE_LOW ? FINDING_POSSIBLE : FINDING_USE;
}

enum finding_strength finding_strength_of(const struct policy *p, const struct finding *f)
{
	enum finding_strength is = finding_strength_by(p, f->identifier);
	return f->is_indirect && is > FINDING_POSSIBLE ? FINDING_POSSIBLE : is;
}
