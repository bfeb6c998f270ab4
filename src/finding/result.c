#include "finding/result.h"

#include <stdio.h>

bool result_is_complete(const struct result *r)
{
	for (size_t i = 0; i < findings_source_count(r->findings); i++) {
		if (findings_source_at(r->findings, i)->problem.size)
			return false;
	}
	return findings_dropped(r->findings) == 0;
}

enum finding_strength result_strength(const struct result *r)
{
	enum finding_strength best = FINDING_NOTHING;
	for (size_t i = 0; i < findings_count(r->findings); i++) {
		enum finding_strength is = finding_strength_of(findings_policy(r->findings),
		                                               findings_at(r->findings, i));
		best = is > best ? is : best;
	}
	return best;
}

const char *result_facets(const struct policy *p, uint32_t identifier, const char *between,
                          char text[static RESULT_FACETS_SIZE])
{
	size_t at = 0;
	unsigned facets = policy_identifier(p, identifier)->facets;
	text[0] = '\0';
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (facets >> f & 1)
			at += (size_t)snprintf(text + at, RESULT_FACETS_SIZE - at, "%s%s",
			                       at ? between : "", facet_names[f]);
	}
	return text;
}

const char *result_unit(const struct policy *p, const struct finding *f)
{
	if (f->place == NONE)
		return "";
	return policy_text(p, policy_unit(p, policy_place(p, f->place)->unit)->id);
}

struct result_destination result_destination(const struct result *r, const struct finding *f)
{
	if (!r->locate || f->destination.size == 0)
		return (struct result_destination){0};
	return r->locate(r->locate_context, &f->destination);
}
