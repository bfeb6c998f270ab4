#include <sodium.h>

#include "base/json_writer.h"
#include "finding/result.h"
#include "finding/result_diff.h"

/* Sums stop at the largest that readers of JSON have. */
static void sum(struct json_writer *j, const char *key, uint64_t value)
{
	json_int(j, key, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void write_rule(const struct policy *p, const struct finding *f, struct json_writer *j)
{
	if (f->rule == NONE)
		return;
	const struct image_rule *rule = policy_rule(p, f->rule);
	json_text(j, "order", policy_text(p, policy_order(p, rule->order)->id));
	json_int(j, "obligation", policy_obligation(p, rule->obligation)->number);
	if (f->exemption != NONE)
		json_text(j, "exemption", policy_text(p, policy_exemption(p, f->exemption)->id));
}

static void write_identifier(const struct policy *p, const struct finding *x, struct json_writer *j)
{
	const struct image_identifier *i = policy_identifier(p, x->identifier);
	json_text(j, "product", policy_text(p, policy_product(p, i->product)->id));
	json_array_begin(j, "facets");
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (i->facets >> f & 1)
			json_text(j, NULL, facet_names[f]);
	}
	json_array_end(j);
	json_text(j, "identifier", policy_text(p, i->id));
	json_text(j, "role", role_names[i->role]);
	json_text(j, "confidence", confidence_names[i->confidence]);
	json_text(j, "proves", finding_strength_names[finding_strength_of(p, x)]);
	if (x->is_indirect)
		json_bool(j, "indirect", true);
}

static void write_finding(const struct result *r, size_t index, struct json_writer *j)
{
	const struct finding *f = findings_at(r->findings, index);
	const struct policy *p = findings_policy(r->findings);
	char subject[SUBJECT_TEXT_SIZE], address[ADDRESS_TEXT_SIZE];
	json_object_begin(j, NULL);
	write_identifier(p, f, j);
	json_text(j, "verdict", verdict_action_names[f->action]);
	json_text(j, "reason", reason_name(f->reason));
	write_rule(p, f, j);
	json_optional(j, "subject", view_text(subjects_name(r->subjects, f, subject)));
	json_optional(j, "unit", view_text(result_unit(p, f)));
	json_optional(j, "what", f->what);
	json_optional(j, "destination",
	              f->destination.size ? view_text(address_print(&f->destination, address))
	                                  : (struct view){0});
	struct result_destination where = result_destination(r, f);
	json_text(j, "country", where.country);
	json_text(j, "network", where.network);
	json_time(j, "first", f->first_us);
	json_time(j, "last", f->last_us);
	sum(j, "count", f->count);
	sum(j, "bytes_up", f->bytes_up);
	sum(j, "bytes_down", f->bytes_down);
	json_optional(j, "where", f->where);
	json_optional(j, "item", f->item);
	json_view(j, "source", findings_source_at(r->findings, f->source)->name);
	json_int(j, "at", (int64_t)f->at);
	if (r->diff)
		json_text(j, "change", result_change_names[r->diff->changes[index]]);
	json_object_end(j);
}

static void write_source(const struct findings_source *s, struct json_writer *j)
{
	char hex[sizeof(s->sha256) * 2 + 1];
	json_object_begin(j, NULL);
	json_view(j, "name", s->name);
	json_optional(j, "format", s->format);
	if (s->has_sha256)
		json_text(j, "sha256",
		          sodium_bin2hex(hex, sizeof(hex), s->sha256, sizeof(s->sha256)));
	else
		json_no_value(j, "sha256");
	json_int(j, "bytes", (int64_t)s->bytes);
	json_int(j, "items", (int64_t)s->items);
	json_int(j, "not_understood", (int64_t)s->not_understood);
	json_optional(j, "example", s->example);
	json_time(j, "first", s->first_us);
	json_time(j, "last", s->last_us);
	json_optional(j, "problem", s->problem);
	json_object_end(j);
}

void result_write_json(const struct result *r, struct buffer *out)
{
	struct json_writer j = {.out = out};
	char version[POLICY_VERSION_TEXT_SIZE];
	json_object_begin(&j, NULL);
	json_text(&j, "method", r->method);
	json_time(&j, "at", r->at_us);
	json_text(&j, "policy",
	          policy_version_print(policy_version(findings_policy(r->findings)), version));
	json_text(&j, "subjects", subjects_mode_names[r->subjects->mode]);
	json_text(&j, "period", r->subjects->period);
	json_bool(&j, "is_nil", findings_count(r->findings) == 0);
	json_bool(&j, "is_complete", result_is_complete(r));
	sum(&j, "dropped", findings_dropped(r->findings));
	json_array_begin(&j, "findings");
	for (size_t i = 0; i < findings_count(r->findings); i++)
		write_finding(r, i, &j);
	json_array_end(&j);
	json_array_begin(&j, "sources");
	for (size_t i = 0; i < findings_source_count(r->findings); i++)
		write_source(findings_source_at(r->findings, i), &j);
	json_array_end(&j);
	if (r->diff)
		result_diff_write_json(r->diff, &j);
	if (r->more && r->more->write_json)
		r->more->write_json(r->more->context, &j);
	json_object_end(&j);
}
