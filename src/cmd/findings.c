#include "cmd/findings.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "cmd/evidence_submit.h"
#include "cmd/findings_record.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

const struct option findings_list_options[] = {
	{"--state", "STATE", "Only findings that are open, accepted, removed, gone or forgotten."},
	{"--product", "PRODUCT", "Only findings of this product."},
	{"--unit", "UNIT", "Only findings of this unit."},
	{"--assignee", "PERSON", "Only findings assigned to this person."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};
const struct option findings_show_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};

const char findings_list_text[] =
	"The states follow from the entries of the evidence log alone. open: found. accepted: under an exemption. "
	"removed: somebody says that it was removed. gone: a later run over the same kind of source did not find it. "
	"One that was removed or gone and is found again is open. forgotten: the key of the month in which it was found first "
	"was erased, so that nobody can tell whom it is of; what is still there is found anew, as another. Subjects are "
	"pseudonyms.";
const char findings_show_text[] =
	"A finding is named by its id, or by as much of it as no other begins with.";

static bool is_given(const struct args *a, const char *option, const char *text)
{
	const char *value = args_value(a, option);
	return !value || strcmp(value, text) == 0;
}

static bool is_wanted(const struct args *a, const struct finding_state *f)
{
	return is_given(a, "--state", finding_status_names[f->status]) &&
	       is_given(a, "--product", f->product) && is_given(a, "--unit", f->unit) &&
	       is_given(a, "--assignee", f->assignee);
}

static void text_or_null(struct json_writer *j, const char *key, const char *text)
{
	json_text(j, key, *text ? text : NULL);
}

static void write_json(const struct finding_state *f, struct json_writer *j)
{
	json_object_begin(j, NULL);
	json_text(j, "finding", f->id);
	json_text(j, "state", finding_status_names[f->status]);
	text_or_null(j, "product", f->product);
	text_or_null(j, "facets", f->facets);
	text_or_null(j, "identifier", f->identifier);
	text_or_null(j, "proves", f->proves);
	text_or_null(j, "subject", f->subject);
	text_or_null(j, "period", f->period);
	text_or_null(j, "unit", f->unit);
	text_or_null(j, "what", f->what);
	text_or_null(j, "where", f->where);
	text_or_null(j, "format", f->format);
	text_or_null(j, "source", f->source);
	text_or_null(j, "run", f->run);
	json_time(j, "first", f->first_us);
	json_time(j, "last", f->last_us);
	json_int(j, "count", f->count);
	text_or_null(j, "actor", f->actor);
	text_or_null(j, "reason", f->reason);
	text_or_null(j, "assignee", f->assignee);
	text_or_null(j, "exemption", f->exemption);
	json_time(j, "since", f->since_us);
	json_time(j, "changed", f->changed_us);
	json_int(j, "entry", (int64_t)f->entry);
	json_object_end(j);
}

static void add_row(struct table *t, const struct finding_state *f)
{
	char day[TIMESTAMP_TEXT_SIZE];
	table_add(t, f->id);
	table_add(t, finding_status_names[f->status]);
	table_add(t, f->product);
	table_add(t, f->facets);
	table_add(t, f->proves);
	table_printf(t, "%.8s", f->subject);
	table_add(t, f->unit);
	table_add(t, f->last_us == TIME_MIN ? NULL : timestamp_print_date(f->last_us, day));
	table_printf(t, "%lld", (long long)f->count);
	table_add(t, f->assignee);
	table_add(t, f->what);
}

static int list(const struct args *a, const struct states *states)
{
	static const char *const titles[] = {"FINDING", "STATE",    "PRODUCT", "FACETS",
	                                     "PROVES",  "SUBJECT",  "UNIT",    "LAST",
	                                     "COUNT",   "ASSIGNEE", "WHAT",    NULL};
	bool is_json = args_has(a, "--json");
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	struct table t;
	table_init(&t, titles);
	json_array_begin(&j, NULL);
	for (size_t i = 0; i < states_count(states); i++) {
		const struct finding_state *f = states_at(states, i);
		if (is_wanted(a, f) && is_json)
			write_json(f, &j);
		else if (is_wanted(a, f))
			add_row(&t, f);
	}
	json_array_end(&j);
	if (is_json) {
		table_drop(&t);
		return output_json(&out);
	}
	table_print(&t, stdout);
	buffer_done(&out);
	return EXIT_STATUS_OK;
}

/* Opens the log and folds it; evidence_close() and states_free() afterwards, whatever it returns. */
static int open_states(const struct args *a, struct evidence *e, struct states **ret)
{
	int status = evidence_open(a, e);
	if (status == EXIT_STATUS_OK)
		status = evidence_index(e);
	return status == EXIT_STATUS_OK ? findings_states(e, ret) : status;
}

static bool is_state(const char *text)
{
	for (int i = 0; i < FINDING_STATUSES; i++) {
		if (strcmp(text, finding_status_names[i]) == 0)
			return true;
	}
	return false;
}

int cmd_findings_list(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e = {0};
	cleanup(states) struct states *states = NULL;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	if (args_value(&a, "--state") && !is_state(args_value(&a, "--state")))
		return command_usage(
			c, "no state, expected open, accepted, removed, gone or forgotten",
			args_value(&a, "--state"));
	r = open_states(&a, &e, &states);
	if (r == EXIT_STATUS_OK)
		r = list(&a, states);
	evidence_close(&e);
	return r;
}

static int find(const struct args *a, const struct states *states, const struct finding_state **ret)
{
	*ret = states_find(states, a->rest[0]);
	if (*ret)
		return EXIT_STATUS_OK;
	fprintf(stderr, "writ %s: no finding, or more than one, has an id that begins with %s\n",
	        a->command->name, a->rest[0]);
	return EXIT_STATUS_USAGE;
}

/* Prints each entry of that finding, and that of the erasure by which it is forgotten: who said what, and when. */
struct history {
	const struct finding_state *of;
	bool is_json;
	struct json_writer *j;
};

static int show_entry(void *context, const struct store_row *row)
{
	struct history *h = context;
	struct entry e;
	struct arena a;
	char time[TIMESTAMP_TEXT_SIZE];
	int code = entry_parse(row->entry, &e, NULL);
	if (code < 0)
		return code;
	arena_init(&a, 0);
	const char *id = entry_text(&e, "finding", &a);
	bool is_wanted =
		e.kind == ENTRY_ERASE ? row->seq == h->of->entry : id && strcmp(id, h->of->id) == 0;
	if (is_wanted && h->is_json) {
		json_raw(h->j, NULL, row->entry);
	} else if (is_wanted) {
		const char *state = entry_text(&e, "state", &a),
			   *actor = entry_text(&e, "actor", &a),
			   *reason = entry_text(&e, "reason", &a), *run = entry_text(&e, "run", &a);
		print_line(stdout, "  %s  entry %llu  %s  by %s%s%s%s%s",
		           timestamp_print(row->time_us, time), (unsigned long long)row->seq,
		           state ? state : finding_status_names[h->of->status], actor ? actor : "-",
		           run ? "  run " : "", run ? run : "", reason ? "  " : "",
		           reason ? reason : "");
	}
	arena_done(&a);
	return OK;
}

static int show_history(struct evidence *e, struct history *h)
{
	struct store_query q = {.kind = entry_kinds[ENTRY_FINDING].name,
	                        .since_us = TIME_MIN,
	                        .until_us = TIME_MAX,
	                        .after_seq = -1};
	int code = index_query_all(e->index, &q, show_entry, h);
	q.kind = entry_kinds[ENTRY_ERASE].name;
	if (code == OK && h->of->status == FINDING_FORGOTTEN)
		code = index_query_all(e->index, &q, show_entry, h);
	return code < 0 ? evidence_fail("read the findings of the evidence log", code)
	                : EXIT_STATUS_OK;
}

static void print_state(const struct finding_state *f)
{
	char first[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE];
	print_line(stdout, "%s is %s", f->id, finding_status_names[f->status]);
	print_line(stdout, "  product     %s (%s), identifier %s, which proves: %s", f->product,
	           f->facets, f->identifier, f->proves);
	print_line(stdout, "  subject     %s%s%s", *f->subject ? f->subject : "not known",
	           *f->subject ? ", by the key of " : "", *f->subject ? f->period : "");
	if (*f->unit)
		print_line(stdout, "  unit        %s", f->unit);
	print_line(stdout, "  seen        %s, from %s to %s", f->what,
	           timestamp_print(f->first_us, first), timestamp_print(f->last_us, last));
	if (*f->where)
		print_line(stdout, "  where       %s", f->where);
	print_line(stdout, "  in          %s (%s), %lld time%s by run %s", f->source, f->format,
	           (long long)f->count, plural_s((uint64_t)f->count), f->run);
	if (*f->assignee)
		print_line(stdout, "  assigned to %s", f->assignee);
	if (*f->exemption)
		print_line(stdout, "  exemption   %s", f->exemption);
}

int cmd_findings_show(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e = {0};
	cleanup(states) struct states *states = NULL;
	const struct finding_state *f = NULL;
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	r = open_states(&a, &e, &states);
	if (r == EXIT_STATUS_OK)
		r = find(&a, states, &f);
	if (r == EXIT_STATUS_OK) {
		struct history h = {.of = f, .is_json = args_has(&a, "--json"), .j = &j};
		json_object_begin(&j, NULL);
		json_array_begin(&j, "entries");
		if (!h.is_json)
			print_state(f);
		r = show_history(&e, &h);
		json_array_end(&j);
		json_object_end(&j);
		if (r == EXIT_STATUS_OK && h.is_json)
			r = output_json(&out);
	}
	buffer_done(&out);
	evidence_close(&e);
	return r;
}
