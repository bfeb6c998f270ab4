#include "policy/order.h"

#include <stdlib.h>
#include <string.h>

#include "policy/order_schema.h"
#include "policy/unique.h"

const struct order_source *order_source_find(const struct order *o, const char *id)
{
	const struct order_source *all = o->sources.items;
	for (size_t i = 0; i < o->sources.count; i++) {
		if (strcmp(all[i].id, id) == 0)
			return &all[i];
	}
	return NULL;
}

enum position order_position(const struct order *o, enum facet facet)
{
	const struct order_scope *all = o->scope.items;
	for (size_t i = 0; i < o->scope.count; i++) {
		if (all[i].facet == (int)facet)
			return (enum position)all[i].position;
	}
	return POSITION_SILENT;
}

uint64_t order_facets(const struct order *o, enum position position)
{
	uint64_t set = 0;
	for (unsigned f = 0; f < FACET_COUNT; f++)
		set |= (uint64_t)(order_position(o, (enum facet)f) == position) << f;
	return set;
}

void order_interval(const struct order *o, int64_t *ret_from_us, int64_t *ret_until_us)
{
	int64_t from = o->effective_us == SCHEMA_UNKNOWN ? o->announced_us : o->effective_us;
	bool gone = o->status == ORDER_SUPERSEDED || o->status == ORDER_ENDED;
	if (from == SCHEMA_UNKNOWN)
		from = TIME_MIN;
	if (o->status == ORDER_PROPOSED || o->status == ORDER_INFORMAL ||
	    (gone && o->ended_us == SCHEMA_UNKNOWN))
		from = TIME_MAX;
	*ret_from_us = from;
	*ret_until_us = o->ended_us == SCHEMA_ABSENT ? TIME_MAX : o->ended_us;
}

/* Reads `30 days after announced`. */
static int relative_deadline(const struct order *o, const char *text, int64_t *ret_us)
{
	static const struct {
		const char *word;
		size_t offset;
	} starts[] = {{"announced", offsetof(struct order, announced_us)},
	              {"effective", offsetof(struct order, effective_us)}};
	char *end;
	long days = strtol(text, &end, 10);
	if (end == text || days < 0 || days > 36500)
		return ERR_MALFORMED;
	bool plural = strncmp(end, " days after ", 12) == 0;
	if (!plural && strncmp(end, " day after ", 11) != 0)
		return ERR_MALFORMED;
	end += plural ? 12 : 11;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (strcmp(end, starts[i].word) != 0)
			continue;
		int64_t start;
		memcpy(&start, (const char *)o + starts[i].offset, sizeof(start));
		*ret_us = start == SCHEMA_UNKNOWN ? TIME_MAX : start + days * DAY_US;
		return OK;
	}
	return ERR_MALFORMED;
}

int order_deadline(const struct order *o, const char *text, int64_t *ret_us)
{
	if (strcmp(text, "unknown") == 0 || strcmp(text, "none") == 0) {
		*ret_us = TIME_MAX;
		return OK;
	}
	if (strcmp(text, "immediate") == 0) {
		int64_t until;
		order_interval(o, ret_us, &until);
		return OK;
	}
	if (timestamp_parse(view_text(text), ret_us) == OK)
		return OK;
	return relative_deadline(o, text, ret_us);
}

static void check_deadline(const struct order *o, const char *text, struct config_place at,
                           struct problems *p)
{
	int64_t us;
	if (order_deadline(o, text, &us) < 0)
		problem_add(
			p, at.file, at.line, at.column,
			"deadline \"%s\", expected immediate, none, unknown, a date, or a time such as "
			"\"30 days after announced\"",
			text);
}

static void check_obligations(const struct order *o, struct problems *p)
{
	const struct order_obligation *all = o->obligations.items;
	for (size_t i = 0; i < o->obligations.count; i++) {
		struct config_place at =
			config_place_of(&order_obligation_schema, &all[i], "source");
		if (!order_source_find(o, all[i].source))
			problem_add(p, at.file, at.line, at.column,
			            "source \"%s\", expected the id of a source of this file",
			            all[i].source);
		at = config_place_of(&order_obligation_schema, &all[i], "id");
		if (all[i].number != (int64_t)i + 1)
			problem_add(
				p, at.file, at.line, at.column,
				"obligation %lld stands at place %zu, expected numbers from 1 without a gap",
				(long long)all[i].number, i + 1);
		check_deadline(o, all[i].deadline,
		               config_place_of(&order_obligation_schema, &all[i], "deadline"), p);
	}
	const struct order_report *reports = o->reports.items;
	for (size_t i = 0; i < o->reports.count; i++)
		check_deadline(o, reports[i].deadline,
		               config_place_of(&order_report_schema, &reports[i], "deadline"), p);
}

static void check_scope(const struct order *o, struct problems *p)
{
	const struct order_scope *all = o->scope.items;
	uint64_t seen = 0;
	for (size_t i = 0; i < o->scope.count; i++) {
		uint64_t bit = UINT64_C(1) << all[i].facet;
		struct config_place at = all[i].place;
		if (seen & bit)
			problem_add(p, at.file, at.line, at.column,
			            "facet %s is there twice, expected it once",
			            facet_names[all[i].facet]);
		if ((all[i].position == POSITION_EXCLUDED ||
		     all[i].position == POSITION_CONDITIONAL) &&
		    !all[i].condition)
			problem_add(
				p, at.file, at.line, at.column,
				"position %s without a condition, expected one, or `condition: unknown`",
				position_names[all[i].position]);
		seen |= bit;
	}
}

static void check_dates(const struct order *o, struct problems *p)
{
	int64_t from, until;
	order_interval(o, &from, &until);
	struct config_place at = config_place_of(&order_schema, o, "ended");
	if (o->ended_us != SCHEMA_ABSENT && o->ended_us != SCHEMA_UNKNOWN && from != TIME_MAX &&
	    until < from)
		problem_add(p, at.file, at.line, at.column,
		            "it ended before it began, expected a later date");
	if ((o->status == ORDER_SUPERSEDED || o->status == ORDER_ENDED) &&
	    o->ended_us == SCHEMA_ABSENT)
		problem_add(p, at.file, at.line, at.column,
		            "status is %s without the date, expected `ended`, or `ended: unknown`",
		            order_status_names[o->status]);
}

int order_read(const char *file, struct view text, struct arena *a, struct problems *p,
               struct order *ret)
{
	struct order order;
	size_t before = p->count;
	int r = schema_read(&order_schema, file, text, a, p, &order);
	if (r < 0)
		return r;
	unique_ids(&order.sources, sizeof(struct order_source), offsetof(struct order_source, id),
	           offsetof(struct order_source, place), "source", p);
	unique_ids(&order.exemption.conditions, sizeof(struct order_condition),
	           offsetof(struct order_condition, id), offsetof(struct order_condition, place),
	           "condition", p);
	check_scope(&order, p);
	check_obligations(&order, p);
	check_dates(&order, p);
	if (p->count != before)
		return ERR_INVALID;
	*ret = order;
	return OK;
}
