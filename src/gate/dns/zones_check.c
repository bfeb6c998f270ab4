#include "gate/dns/zones_internal.h"

/* One record and what stands at its name already. */
static const char *conflict(const struct local_data *d, const struct local_record *record)
{
	size_t count;
	const struct local_row *rows = local_data_find(d, &record->owner, &count);
	for (size_t i = 0; i < count; i++) {
		bool is_alias = rows[i].type == DNS_TYPE_CNAME;
		if (rows[i].type && is_alias != (record->type == DNS_TYPE_CNAME))
			return "an alias (CNAME) alone at its name";
		if (is_alias &&
		    !view_equal(local_data_of(d, &rows[i]), view_of(record->rdata, record->size)))
			return "one alias (CNAME) at a name";
	}
	return NULL;
}

struct check {
	const struct dns_zone_options *zone;
	struct problems *problems;
	int result;
};

static void complain(struct check *c, size_t item, struct view word, const char *expected)
{
	const char *const *lines = c->zone->records.items;
	struct config_place at = config_place_of_item(&dns_zone_schema, c->zone, "records", item);
	if (word.size)
		problem_add(c->problems, at.file, at.line, at.column,
		            "records: \"" VIEW_FMT "\" in \"%s\", expected %s", VIEW_ARG(word),
		            lines[item], expected);
	else
		problem_add(c->problems, at.file, at.line, at.column,
		            "records: \"%s\" ends too early, expected %s", lines[item], expected);
	c->result = ERR_INVALID;
}

/* Parses each, and holds each that is good against the others. */
static int check_records(struct check *c, const struct dname *origin)
{
	struct local_data data = {0};
	const char *const *lines = c->zone->records.items;
	struct local_record record;
	struct local_fault fault;
	for (size_t i = 0; i < c->zone->records.count; i++) {
		if (local_record_parse(view_text(lines[i]), origin, &record, &fault) < 0)
			complain(c, i, fault.word, fault.expected);
		else
			local_data_add(&data, &record, origin);
	}
	int r = local_data_sort(&data);
	for (size_t i = 0; r == OK && i < c->zone->records.count; i++) {
		if (local_record_parse(view_text(lines[i]), origin, &record, &fault) < 0)
			continue;
		const char *expected = conflict(&data, &record);
		if (expected)
			complain(c, i, view_text(lines[i]), expected);
	}
	local_data_done(&data);
	return r < 0 ? r : c->result;
}

static void complain_of_zone(const struct dns_zone_options *zone, const char *field,
                             struct problems *p, const char *text)
{
	struct config_place at = config_place_of(&dns_zone_schema, zone, field);
	problem_add(p, at.file, at.line, at.column, "%s: %s", zone->zone, text);
}

static int check_zone(const struct dns_options *o, size_t index, struct problems *p)
{
	const struct dns_zone_options *zones = o->zones.items, *zone = &zones[index];
	struct check c = {.zone = zone, .problems = p, .result = OK};
	struct dname name, other;
	int r = dname_parse_text(view_text(zone->zone), &name);
	for (size_t i = 0; r == OK && i < index; i++) {
		if (dname_parse_text(view_text(zones[i].zone), &other) == OK &&
		    dname_equal(&name, &other)) {
			complain_of_zone(zone, "zone", p, "listed before, expected each zone once");
			c.result = ERR_INVALID;
		}
	}
	if (zone->validate && zone->forward.count && !dns_zone_may_validate(&o->upstream, zone)) {
		complain_of_zone(
			zone, "validate", p,
			"nothing is checked here, expected a `trust_anchor` of the zone, or "
			"`dns.upstream.trust_anchor` beside `dns.upstream.forward` and no "
			"`validate: no` there");
		c.result = ERR_INVALID;
	}
	return r < 0 ? r : check_records(&c, &name);
}

int zones_check(const struct dns_options *o, struct problems *p)
{
	int result = OK;
	for (size_t i = 0; i < o->zones.count; i++) {
		int r = check_zone(o, i, p);
		result = r < 0 ? r : result;
	}
	return result;
}
