#include "cmd/order_show.h"

#include "base/json_writer.h"
#include "base/plural.h"
#include "cmd/output.h"
#include "cmd/table.h"

const char *order_date_text(int64_t us, char text[static TIMESTAMP_TEXT_SIZE])
{
	return us == SCHEMA_UNKNOWN ? "unknown" : timestamp_print_date(us, text);
}

static void print_set(FILE *out, const char *label, uint64_t set, const char *const *names)
{
	if (!set)
		return;
	fprintf(out, "      %s", label);
	for (unsigned i = 0; names[i]; i++) {
		if (set >> i & 1)
			fprintf(out, " %s", names[i]);
	}
	fputc('\n', out);
}

static void print_texts(FILE *out, const char *title, const struct schema_list *list)
{
	const char *const *all = list->items;
	if (list->count)
		fprintf(out, "\n%s\n", title);
	for (size_t i = 0; i < list->count; i++)
		print_wrapped(out, 2, all[i]);
}

static void print_ids(FILE *out, const char *label, const struct schema_list *list)
{
	const char *const *all = list->items;
	if (!list->count)
		return;
	fprintf(out, "  %s", label);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, " %s", all[i]);
	fputc('\n', out);
}

static void print_head(const struct order *o, FILE *out)
{
	char from[TIMESTAMP_TEXT_SIZE], text[TIMESTAMP_TEXT_SIZE];
	fprintf(out, "%s\n", o->id);
	print_wrapped(out, 2, o->title);
	if (o->title_native)
		print_wrapped(out, 2, o->title_native);
	fprintf(out, "  issuer       %s (%s)\n", o->issuer, o->jurisdiction);
	fprintf(out, "  number       %s\n", o->number);
	fprintf(out, "  legal basis  %s\n", o->legal_basis);
	fprintf(out, "  announced    %s, effective %s", order_date_text(o->announced_us, from),
	        order_date_text(o->effective_us, text));
	fprintf(out, ", ended %s\n", order_date_text(o->ended_us, text));
	fprintf(out, "  status       %s\n", order_status_names[o->status]);
	if (o->status_note)
		print_wrapped(out, 15, o->status_note);
	print_ids(out, "supersedes  ", &o->supersedes);
	print_ids(out, "superseded by", &o->superseded_by);
	print_ids(out, "based on    ", &o->based_on);
	print_ids(out, "products    ", &o->products);
	if (o->designates)
		print_wrapped(out, 15, o->designates);
}

static void print_scope(const struct order *o, FILE *out)
{
	const struct order_scope *all = o->scope.items;
	fprintf(out, "\nscope\n");
	for (size_t i = 0; i < o->scope.count; i++) {
		fprintf(out, "  %-10s %s\n", facet_names[all[i].facet],
		        position_names[all[i].position]);
		if (all[i].condition)
			print_wrapped(out, 13, all[i].condition);
	}
	fprintf(out, "  silent on ");
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (order_position(o, (enum facet)f) == POSITION_SILENT)
			fprintf(out, " %s", facet_names[f]);
	}
	fputc('\n', out);
}

static void print_obligations(const struct order *o, FILE *out)
{
	const struct order_obligation *all = o->obligations.items;
	fprintf(out, "\nobligations\n");
	for (size_t i = 0; i < o->obligations.count; i++) {
		const struct order_obligation *b = &all[i];
		const struct order_source *s = order_source_find(o, b->source);
		fprintf(out, "  %lld. %s %s\n", (long long)b->number, force_names[b->force],
		        verbs[b->verb].name);
		print_wrapped(out, 6, b->text);
		print_set(out, "binds   ", b->binds, organisation_class_names);
		print_set(out, "facets  ", b->facets, facet_names);
		print_set(out, "devices ", b->devices, device_class_names);
		print_set(out, "networks", b->networks, network_class_names);
		fprintf(out, "      clause   %s\n      deadline %s\n", b->clause, b->deadline);
		fprintf(out, "      source   %s\n      met by   %s\n",
		        s->url    ? s->url
		        : s->note ? s->note
		                  : s->id,
		        verbs[b->verb].met_by);
	}
}

static void print_exemption(const struct order *o, FILE *out)
{
	const struct order_exemption *e = &o->exemption;
	const struct order_approval *approvals = e->approvals.items;
	const struct order_condition *conditions = e->conditions.items;
	const char *const *grounds = e->grounds.items;
	fprintf(out, "\nexemption: %s\n", availability_names[e->available]);
	for (size_t i = 0; i < e->grounds.count; i++)
		print_wrapped(out, 2, grounds[i]);
	for (size_t i = 0; i < e->approvals.count; i++)
		fprintf(out, "  approval %zu  %s: %s\n", i + 1, approvals[i].role,
		        approvals[i].title);
	for (size_t i = 0; i < e->conditions.count; i++)
		fprintf(out, "  condition   %s: %s\n", conditions[i].id, conditions[i].text);
	if (e->max_days != SCHEMA_ABSENT)
		fprintf(out, "  at most     %lld day%s\n", (long long)e->max_days,
		        plural_s((uint64_t)e->max_days));
	if (e->records)
		print_wrapped(out, 2, e->records);
}

static void print_reports(const struct order *o, FILE *out)
{
	const struct order_report *all = o->reports.items;
	if (o->reports.count)
		fprintf(out, "\nreports\n");
	for (size_t i = 0; i < o->reports.count; i++)
		fprintf(out, "  to %s: %s (deadline %s)\n", all[i].to, all[i].what,
		        all[i].deadline);
}

static void print_sources(const struct order *o, FILE *out)
{
	const struct order_source *all = o->sources.items;
	fprintf(out, "\nsources\n");
	for (size_t i = 0; i < o->sources.count; i++) {
		fprintf(out, "  %s  %s\n", all[i].id, all[i].url ? all[i].url : "(not citable)");
		if (all[i].note)
			print_wrapped(out, 6, all[i].note);
	}
}

void order_show(const struct order *o, FILE *out)
{
	print_head(o, out);
	print_scope(o, out);
	print_obligations(o, out);
	print_exemption(o, out);
	print_reports(o, out);
	print_texts(out, "not known", &o->unknown);
	print_texts(out, "notes", &o->notes);
	print_sources(o, out);
}

static void json_set(struct json_writer *j, const char *key, uint64_t set, const char *const *names)
{
	json_array_begin(j, key);
	for (unsigned i = 0; names[i]; i++) {
		if (set >> i & 1)
			json_text(j, NULL, names[i]);
	}
	json_array_end(j);
}

static void json_scope(struct json_writer *j, const struct order *o)
{
	json_object_begin(j, "scope");
	for (unsigned f = 0; f < FACET_COUNT; f++)
		json_text(j, facet_names[f], position_names[order_position(o, (enum facet)f)]);
	json_object_end(j);
}

static void json_obligations(struct json_writer *j, const struct order *o)
{
	const struct order_obligation *all = o->obligations.items;
	json_array_begin(j, "obligations");
	for (size_t i = 0; i < o->obligations.count; i++) {
		const struct order_source *s = order_source_find(o, all[i].source);
		int64_t deadline_us = TIME_MAX;
		json_object_begin(j, NULL);
		json_int(j, "id", all[i].number);
		json_text(j, "verb", verbs[all[i].verb].name);
		json_text(j, "force", force_names[all[i].force]);
		json_text(j, "text", all[i].text);
		json_text(j, "clause", all[i].clause);
		json_set(j, "facets",
		         all[i].facets ? all[i].facets : order_facets(o, POSITION_COVERED),
		         facet_names);
		json_set(j, "binds", all[i].binds, organisation_class_names);
		json_set(j, "devices", all[i].devices, device_class_names);
		json_set(j, "networks", all[i].networks, network_class_names);
		json_text(j, "deadline", all[i].deadline);
		if (order_deadline(o, all[i].deadline, &deadline_us) == OK)
			json_time(j, "deadline_at", deadline_us);
		json_text(j, "source", s->url);
		json_text(j, "source_note", s->note);
		json_text(j, "met_by", verbs[all[i].verb].met_by);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_exemption(struct json_writer *j, const struct order *o)
{
	const struct order_exemption *e = &o->exemption;
	const struct order_approval *approvals = e->approvals.items;
	const struct order_condition *conditions = e->conditions.items;
	json_object_begin(j, "exemption");
	json_text(j, "available", availability_names[e->available]);
	output_json_texts(j, "grounds", &e->grounds);
	json_array_begin(j, "approvals");
	for (size_t i = 0; i < e->approvals.count; i++) {
		json_object_begin(j, NULL);
		json_text(j, "role", approvals[i].role);
		json_text(j, "title", approvals[i].title);
		json_object_end(j);
	}
	json_array_end(j);
	json_array_begin(j, "conditions");
	for (size_t i = 0; i < e->conditions.count; i++) {
		json_object_begin(j, NULL);
		json_text(j, "id", conditions[i].id);
		json_text(j, "text", conditions[i].text);
		json_object_end(j);
	}
	json_array_end(j);
	if (e->max_days != SCHEMA_ABSENT)
		json_int(j, "max_days", e->max_days);
	json_text(j, "records", e->records);
	json_object_end(j);
}

void order_show_json(const struct order *o, struct buffer *out)
{
	struct json_writer j = {.out = out};
	const struct order_report *reports = o->reports.items;
	json_object_begin(&j, NULL);
	json_text(&j, "order", o->id);
	json_text(&j, "title", o->title);
	json_text(&j, "title_native", o->title_native);
	json_text(&j, "issuer", o->issuer);
	json_text(&j, "jurisdiction", o->jurisdiction);
	json_text(&j, "number", o->number);
	json_text(&j, "legal_basis", o->legal_basis);
	json_text(&j, "type", order_type_names[o->type]);
	json_time(&j, "announced", o->announced_us);
	json_time(&j, "effective", o->effective_us);
	json_time(&j, "ended", o->ended_us);
	json_text(&j, "status", order_status_names[o->status]);
	json_text(&j, "status_note", o->status_note);
	output_json_texts(&j, "supersedes", &o->supersedes);
	output_json_texts(&j, "superseded_by", &o->superseded_by);
	output_json_texts(&j, "based_on", &o->based_on);
	output_json_texts(&j, "products", &o->products);
	json_text(&j, "designates", o->designates);
	json_scope(&j, o);
	json_obligations(&j, o);
	json_exemption(&j, o);
	json_array_begin(&j, "reports");
	for (size_t i = 0; i < o->reports.count; i++) {
		json_object_begin(&j, NULL);
		json_text(&j, "to", reports[i].to);
		json_text(&j, "what", reports[i].what);
		json_text(&j, "deadline", reports[i].deadline);
		json_object_end(&j);
	}
	json_array_end(&j);
	output_json_texts(&j, "unknown", &o->unknown);
	output_json_texts(&j, "notes", &o->notes);
	json_text(&j, "confidence", confidence_names[o->confidence]);
	json_object_end(&j);
}
