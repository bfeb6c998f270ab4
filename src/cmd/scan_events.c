#include "cmd/scan_events.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/exit_status.h"
#include "finding/subjects.h"

#define HOUR_US INT64_C(3600000000)
enum { MONTHS_MAX = 120 };

static int read_since(const struct args *a, int64_t now_us, int64_t *ret)
{
	const char *text = args_value(a, "--since");
	*ret = now_us - DAY_US;
	if (text && (timestamp_parse(view_text(text), ret) < 0 || *ret >= now_us))
		return command_usage(
			a->command,
			"not a time before now, expected 2026-01-15 or 2026-01-15T08:00:00Z", text);
	return EXIT_STATUS_OK;
}

int scan_events_open(const struct args *a, struct scan_events *ret)
{
	*ret = (struct scan_events){.until_us = clock_now_us()};
	if (!args_value(a, "--since") && !args_has(a, "--record"))
		return EXIT_STATUS_OK;
	int status = read_since(a, ret->until_us, &ret->since_us);
	if (status == EXIT_STATUS_OK)
		status = evidence_open(a, &ret->evidence);
	if (status)
		return status;
	status = evidence_index(&ret->evidence);
	ret->keys = options_subjects_directory(&ret->evidence.options, &ret->evidence.arena);
	ret->is_open = status == EXIT_STATUS_OK && ret->keys;
	if (!ret->is_open)
		evidence_close(&ret->evidence);
	return status;
}

void scan_events_close(struct scan_events *e)
{
	if (e->is_open)
		evidence_close(&e->evidence);
	e->is_open = false;
}

/* A name that was answered is no traffic of its own, as a flow is. */
static void add_event(struct egress_events *e, const struct entry *entry)
{
	struct arena a;
	arena_init(&a, 0);
	const char *verdict = entry_text(entry, "verdict", &a),
		   *gate = entry_text(entry, "gate", &a);
	uint64_t count = (uint64_t)entry_int(entry, "count", 1);
	if (strcmp(verdict, "block") == 0)
		e->refused += count;
	else if (strcmp(gate, "packet") == 0)
		e->passed += count;
	else
		e->answered += count;
	arena_done(&a);
}

static int count_event(void *context, const struct store_row *row)
{
	struct egress_events *events = context;
	struct entry e;
	if (entry_parse(row->entry, &e, NULL) < 0)
		return ERR_MALFORMED;
	add_event(events, &e);
	if (row->time_us > events->last_us)
		events->last_us = row->time_us;
	return OK;
}

static int count_heartbeat(void *context, const struct store_row *row)
{
	struct egress_events *events = context;
	struct entry e;
	if (entry_parse(row->entry, &e, NULL) < 0)
		return ERR_MALFORMED;
	events->recorded_s += (uint64_t)entry_int(&e, "interval_s", 0);
	return OK;
}

static int ask(struct scan_events *e, struct store_query *q, store_row_fn *each,
               struct egress_events *ret)
{
	q->since_us = e->since_us;
	q->until_us = e->until_us;
	q->after_seq = -1;
	return index_query_all(e->evidence.index, q, each, ret);
}

static int ask_subject(struct scan_events *e, const struct subjects *keys,
                       const struct address *address, struct egress_events *ret)
{
	char text[ADDRESS_TEXT_SIZE], pseudonym[PSEUDONYM_TEXT_SIZE];
	struct store_filter filter = {.field = event_field_find(view_text("subject"))};
	struct store_query q = {.kind = "event", .filters = &filter, .filter_count = 1};
	(void)pseudonym_make(&keys->key, view_text(address_print(address, text)), pseudonym);
	filter.value = view_text(pseudonym);
	return ask(e, &q, count_event, ret);
}

/* The month after that of `at_us`. */
static int64_t next_month(int64_t at_us)
{
	char period[PSEUDONYM_PERIOD_SIZE], other[PSEUDONYM_PERIOD_SIZE];
	(void)pseudonym_period(at_us, period);
	while (strcmp(pseudonym_period(at_us, other), period) == 0)
		at_us += HOUR_US;
	return at_us;
}

/* Without a key nobody was named, and there is nothing to miss; one that is erased or damaged named somebody. */
static int ask_month(struct scan_events *e, const char *period, const struct address *addresses,
                     size_t count, struct egress_events *ret)
{
	struct subjects keys;
	int code = subjects_open(&keys, e->keys, period);
	ret->lacks_keys |= code == ERR_DENIED || code == ERR_INVALID;
	if (code == ERR_MISSING || code == ERR_DENIED || code == ERR_INVALID)
		return OK;
	if (code < 0)
		return code;
	for (size_t i = 0; code == OK && i < count; i++)
		code = ask_subject(e, &keys, &addresses[i], ret);
	subjects_done(&keys);
	return code;
}

/* Subjects have another name each month. */
static int ask_months(struct scan_events *e, const struct address *addresses, size_t count,
                      struct egress_events *ret)
{
	char period[PSEUDONYM_PERIOD_SIZE];
	int64_t at_us = e->since_us;
	int code = OK;
	for (size_t months = 0; code == OK && at_us <= e->until_us && months < MONTHS_MAX;
	     months++) {
		code = ask_month(e, pseudonym_period(at_us, period), addresses, count, ret);
		at_us = next_month(at_us);
	}
	ret->lacks_keys |= at_us <= e->until_us;
	return code;
}

void scan_events_of(void *context, const struct address *addresses, size_t count,
                    struct egress_events *ret)
{
	struct scan_events *e = context;
	struct egress_events own = {.is_asked = true, .since_us = e->since_us, .last_us = TIME_MIN};
	struct store_query heartbeats = {.kind = "heartbeat"};
	int code = ask_months(e, addresses, count, &own);
	if (code == OK)
		code = ask(e, &heartbeats, count_heartbeat, &own);
	if (code == OK)
		*ret = own;
	else
		e->code = code;
}
