#include "audit/coverage.h"

#include <stdio.h>

static void escape(struct view item, char text[static AUDIT_EXAMPLE_SIZE])
{
	size_t at = 0;
	bool is_cut = false;
	for (size_t i = 0; i < item.size && !is_cut; i++) {
		uint8_t c = item.bytes[i];
		is_cut = at + sizeof("\\x00...") > AUDIT_EXAMPLE_SIZE;
		if (is_cut)
			(void)snprintf(text + at, AUDIT_EXAMPLE_SIZE - at, "...");
		else if (c >= ' ' && c <= '~' && c != '\\')
			text[at++] = (char)c;
		else
			at += (size_t)snprintf(text + at, AUDIT_EXAMPLE_SIZE - at, "\\x%02x", c);
	}
	if (!is_cut)
		text[at] = '\0';
}

void coverage_not_understood(const struct audit_context *context, struct view item)
{
	struct findings_source *c = context->coverage;
	c->not_understood++;
	if (c->example.size || item.size == 0)
		return;
	escape(item, context->example);
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
