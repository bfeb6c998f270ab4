#include "cmd/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "cmd/entry_find.h"
#include "cmd/evidence.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"
#include "wire/dname.h"

enum { LIMIT_DEFAULT = 100, FOLLOW_WAIT_US = 300000, FILTERS_MAX = 24 };

const struct option events_options[] = {
	{"--order", "ORDER", "Only events under this order."},
	{"--product", "PRODUCT", "Only events of this product."},
	{"--facet", "FACET", "Only events of this facet."},
	{"--unit", "UNIT", "Only events of this unit."},
	{"--verdict", "VERDICT", "Only block, or only observe."},
	{"--subject", "PSEUDONYM", "Only events of this subject, by its first digits or all."},
	{"--name", "NAME", "Only events of this name and the names below it."},
	{"--reference", "CODE", "Only the event with this reference."},
	{"--gate", "GATE", "Only events of this gate: dns, packet."},
	{"--destination", "ADDRESS", "Only events of flows to this address."},
	{"--port", "PORT", "Only events of flows to this port."},
	{"--country", "CODE", "Only events of flows to this country."},
	{"--network", "NETWORK", "Only events of flows to this network."},
	{"--flows", NULL, "Only flows: where to, how much and for how long."},
	{"--since", "TIME", "Only events from then on, as 2026-01-15 or 2026-01-15T08:00:00Z."},
	{"--until", "TIME", "Only events before."},
	{"--limit", "COUNT", "At most so many, the newest (default 100)."},
	{"--kind", "KIND",
         "Entries of another kind: audit, finding, erase, heartbeat, start, stop, configuration, loss, all."},
	{"--follow", NULL, "Go on with new events as they come."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char events_text[] =
	"Events that are alike within a minute are one entry with a count. Subjects are "
	"pseudonyms. Allowed traffic is counted, never recorded.";

struct listing {
	bool is_json;
	const struct form *form;
	struct table table;
	int64_t last_seq;
	size_t count;
};

struct filters {
	struct store_filter rows[FILTERS_MAX];
	char texts[FILTERS_MAX][DNAME_TEXT_SIZE];
};

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

static const char *data_text(const struct entry *e, const char *key, struct arena *a)
{
	return or_dash(entry_text(e, key, a));
}

static void add_begin(struct listing *l, const struct store_row *row, const struct entry *e,
                      struct arena *a)
{
	char time[TIMESTAMP_TEXT_SIZE];
	timestamp_print(row->time_us, time);
	time[19] = 'Z';
	time[20] = 0;
	table_printf(&l->table, "%llu", (unsigned long long)row->seq);
	table_add(&l->table, time);
	table_add(&l->table, data_text(e, "verdict", a));
	table_printf(&l->table, "%lld", (long long)entry_int(e, "count", 1));
}

static void add_event(struct listing *l, const struct store_row *row, const struct entry *e)
{
	struct arena a;
	arena_init(&a, 0);
	add_begin(l, row, e, &a);
	table_printf(&l->table, "%s %s", data_text(e, "name", &a), data_text(e, "type", &a));
	table_add(&l->table, data_text(e, "order", &a));
	table_add(&l->table, data_text(e, "facet", &a));
	table_add(&l->table, data_text(e, "unit", &a));
	table_printf(&l->table, "%.8s", data_text(e, "subject", &a));
	table_add(&l->table, data_text(e, "reference", &a));
	arena_done(&a);
}

static void add_destination(struct listing *l, const struct entry *e, struct arena *a)
{
	const char *to = data_text(e, "destination", a);
	int64_t port = entry_int(e, "port", 0);
	if (port)
		table_add_endpoint(&l->table, to, (long long)port);
	else
		table_add(&l->table, to);
}

static void add_flow(struct listing *l, const struct store_row *row, const struct entry *e)
{
	struct arena a;
	arena_init(&a, 0);
	add_begin(l, row, e, &a);
	table_add(&l->table, data_text(e, "name", &a));
	table_add(&l->table, data_text(e, "transport", &a));
	add_destination(l, e, &a);
	table_add(&l->table, data_text(e, "country", &a));
	table_printf(&l->table, "%lld", (long long)entry_int(e, "bytes_up", 0));
	table_printf(&l->table, "%lld", (long long)entry_int(e, "bytes_down", 0));
	table_printf(&l->table, "%.1f s", (double)entry_int(e, "duration_us", 0) / 1e6);
	table_add(&l->table, data_text(e, "facet", &a));
	table_printf(&l->table, "%.8s", data_text(e, "subject", &a));
	arena_done(&a);
}

static void add_entry(struct listing *l, const struct store_row *row, const struct entry *e)
{
	char time[TIMESTAMP_TEXT_SIZE];
	table_printf(&l->table, "%llu", (unsigned long long)row->seq);
	table_add(&l->table, timestamp_print(row->time_us, time));
	table_add(&l->table, entry_kinds[row->kind].name);
	table_printf(&l->table, VIEW_FMT, VIEW_ARG(e->data));
}

/* What the columns are, and who fills them. */
static const struct form {
	const char *columns[TABLE_COLUMNS_MAX + 1]; /* ends with NULL */
	void (*add)(struct listing *l, const struct store_row *row, const struct entry *e);
} form_events = {{"ENTRY", "TIME", "VERDICT", "COUNT", "QUESTION", "ORDER", "FACET", "UNIT",
                  "SUBJECT", "REFERENCE"},
                 add_event},
  form_flows = {{"ENTRY", "TIME", "VERDICT", "COUNT", "NAME", "TRANSPORT", "DESTINATION", "COUNTRY",
                 "UP", "DOWN", "DURATION", "FACET", "SUBJECT"},
                add_flow},
  form_entries = {{"ENTRY", "TIME", "KIND", "DATA"}, add_entry};

static int show(void *context, const struct store_row *row)
{
	struct listing *l = context;
	struct entry e;
	if ((int64_t)row->seq > l->last_seq)
		l->last_seq = (int64_t)row->seq;
	l->count++;
	if (l->is_json) {
		printf("{\"entry\":%llu,\"value\":" VIEW_FMT "}\n", (unsigned long long)row->seq,
		       VIEW_ARG(row->entry));
		return OK;
	}
	if (entry_parse(row->entry, &e, NULL) < 0)
		return ERR_MALFORMED;
	l->form->add(l, row, &e);
	return OK;
}

static void begin_table(struct listing *l)
{
	table_init(&l->table, l->form->columns);
}

static int parse_time(const struct args *a, const char *option, int64_t *us)
{
	const char *text = args_value(a, option);
	if (text && timestamp_parse(view_text(text), us) < 0)
		return command_usage(a->command,
		                     "not a time, expected 2026-01-15 or 2026-01-15T08:00:00Z",
		                     text);
	return EXIT_STATUS_OK;
}

/* Fields that have few values: a typing error is not an empty list. */
static bool is_known(const struct event_field *field, const char *value)
{
	if (strcmp(field->key, "verdict") == 0)
		return strcmp(value, "block") == 0 || strcmp(value, "observe") == 0;
	if (strcmp(field->key, "gate") != 0)
		return true;
	for (int i = 0; i < EVENT_GATES; i++) {
		if (strcmp(value, event_gate_names[i]) == 0)
			return true;
	}
	return false;
}

/* As the log has it. */
static struct view spelt(const struct event_field *field, const char *value,
                         char room[static DNAME_TEXT_SIZE])
{
	struct dname name;
	if (strcmp(field->key, "reference") == 0)
		return reference_spelt(value, room);
	if (strcmp(field->key, "name") == 0 && dname_parse_text(view_text(value), &name) == OK)
		return view_text(dname_print(&name, room));
	return view_text(value);
}

static int add_filters(const struct args *a, struct store_query *q, struct filters *f)
{
	for (size_t i = 0; i < a->given_count; i++) {
		const char *value = a->given[i].value;
		const struct event_field *field =
			event_field_find(view_text(a->given[i].option->name + 2));
		if (!field || !field->filterable)
			continue;
		if (q->filter_count == FILTERS_MAX - 1) /* one for --flows */
			return command_usage(a->command, "too many filters", value);
		if (!is_known(field, value))
			return command_usage(a->command, "no event has that", value);
		f->rows[q->filter_count] = (struct store_filter){
			field, spelt(field, value, f->texts[q->filter_count])};
		q->filter_count++;
	}
	if (args_has(a, "--flows"))
		f->rows[q->filter_count++] = (struct store_filter){
			event_field_find(view_text("gate")), view_text("packet")};
	return EXIT_STATUS_OK;
}

static int build_query(const struct args *a, struct store_query *q, struct filters *f)
{
	const char *limit = args_value(a, "--limit"), *kind = args_value(a, "--kind");
	*q = (struct store_query){.kind = kind ? kind : "event",
	                          .filters = f->rows,
	                          .since_us = TIME_MIN,
	                          .until_us = TIME_MAX,
	                          .after_seq = -1,
	                          .limit = LIMIT_DEFAULT,
	                          .newest_first = true};
	int r = add_filters(a, q, f);
	if (r)
		return r;
	if (kind && strcmp(kind, "all") == 0)
		q->kind = NULL;
	else if (kind && !entry_kind_find(view_text(kind)))
		return command_usage(a->command, "no such kind of entry", kind);
	if (limit) {
		char *end;
		long value = strtol(limit, &end, 10);
		if (*end || value < 1 || value > STORE_LIMIT_MAX)
			return command_usage(a->command, "not a number from 1 to 10000", limit);
		q->limit = (unsigned)value;
	}
	r = parse_time(a, "--since", &q->since_us);
	return r ? r : parse_time(a, "--until", &q->until_us);
}

static int note_first(void *context, const struct store_row *row)
{
	int64_t *after = context;
	*after = (int64_t)row->seq - 1;
	return OK;
}

static int ask(struct evidence *e, const struct store_query *q, store_row_fn *each, void *context)
{
	int r = index_query(e->index, q, each, context);
	if (r < 0)
		fprintf(stderr, "writ events: the index cannot be asked: %s\n",
		        index_problem(e->index));
	return r < 0 ? EXIT_STATUS_INTERNAL : EXIT_STATUS_OK;
}

/* The newest ones, in the order in which they happened. */
static int run_query(struct evidence *e, struct listing *l, struct store_query *q)
{
	int64_t after = -1;
	int r = ask(e, q, note_first, &after);
	q->newest_first = false;
	q->after_seq = after;
	if (!l->is_json)
		begin_table(l);
	if (r == EXIT_STATUS_OK)
		r = ask(e, q, show, l);
	if (!l->is_json)
		table_print(&l->table, stdout);
	return r ? r : fflush(stdout) == 0 ? EXIT_STATUS_OK : EXIT_STATUS_INTERNAL;
}

static int follow(struct evidence *e, struct listing *l, struct store_query *q)
{
	q->limit = 0;
	for (;;) {
		size_t before = l->count;
		if (l->last_seq > q->after_seq)
			q->after_seq = l->last_seq;
		(void)usleep(FOLLOW_WAIT_US);
		if (!l->is_json)
			begin_table(l);
		int r = ask(e, q, show, l);
		if (r)
			return r;
		if (!l->is_json && l->count != before)
			table_print_rows(&l->table, stdout);
		else if (!l->is_json)
			table_drop(&l->table);
		if (fflush(stdout) != 0)
			return EXIT_STATUS_OK; /* who read has gone */
	}
}

int cmd_events(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e;
	struct store_query query;
	struct filters filters;
	struct listing listing = {.last_seq = -1};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = build_query(&a, &query, &filters);
	if (r == 0)
		r = evidence_open(&a, &e);
	if (r)
		return r;
	listing.is_json = args_has(&a, "--json");
	listing.form = !query.kind || strcmp(query.kind, "event") != 0 ? &form_entries
	               : args_has(&a, "--flows")                       ? &form_flows
	                                                               : &form_events;
	r = evidence_index(&e);
	if (r == EXIT_STATUS_OK)
		r = run_query(&e, &listing, &query);
	if (r == EXIT_STATUS_OK && args_has(&a, "--follow"))
		r = follow(&e, &listing, &query);
	evidence_close(&e);
	return r;
}
