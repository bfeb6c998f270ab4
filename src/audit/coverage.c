#include "audit/coverage.h"

void coverage_not_understood(const struct audit_context *context, struct view item)
{
	struct findings_source *c = context->coverage;
	c->not_understood++;
	if (c->example.size || item.size == 0)
		return;
	finding_example(item, context->example);
	c->example = view_text(context->example);
}

static void widen(struct findings_source *c, int64_t first_us, int64_t last_us)
{
	if (first_us != TIME_MIN && (c->first_us == TIME_MIN || first_us < c->first_us))
		c->first_us = first_us;
	if (last_us > c->last_us)
		c->last_us = last_us;
}

void coverage_time(const struct audit_context *context, int64_t at_us)
{
	widen(context->coverage, at_us, at_us);
}

void coverage_add(struct findings_source *to, const struct findings_source *part)
{
	to->bytes += part->bytes;
	to->items += part->items;
	to->not_understood += part->not_understood;
	widen(to, part->first_us, part->last_us);
}
