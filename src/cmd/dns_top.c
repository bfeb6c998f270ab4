#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/ask.h"
#include "cmd/dns.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "cmd/table.h"
#include "gate/dns/top.h"

enum { SECONDS_DEFAULT = 10 };

const struct option dns_top_options[] = {
	{"--seconds", "N", "Count for so long, from 1 to 600 (default 10)."},
	{"--limit", "N", "Show so many rows (default 20)."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char dns_top_text[] =
	"Counts what the running gate is asked for --seconds from now, and shows the most frequent clients, "
	"names (the default), blocked names, types, or misses: names that the cache did not have; or what upstream "
	"servers were asked and said: packets sent, answers, failures, answers not within the usual time, and how long an answer took. "
	"What the resolver inside asks by itself, from the root on and of stub zones, is not among these. "
	"Without dnstap and the query log the gate otherwise keeps no account of what is allowed. This count exists in its memory only while "
	"somebody looks on and half a minute more; it is written nowhere but to your terminal; the "
	"daemon's log says who looked. A count may be too high by what ERROR says, never too low.";

static void add_upstream(struct table *t, const json_t *row)
{
	table_printf(t, "%lld", number_of(row, "count"));
	table_printf(t, "%lld", number_of(row, "answers"));
	table_printf(t, "%lld", number_of(row, "failures"));
	table_printf(t, "%lld", number_of(row, "late"));
	if (number_of(row, "answers"))
		table_printf(t, "%.1f", (double)number_of(row, "mean_us") / 1000);
	else
		table_add(t, NULL);
	table_add(t, text_of(row, "key"));
}

static void add_key(struct table *t, const json_t *row)
{
	table_printf(t, "%lld", number_of(row, "count"));
	table_printf(t, "%lld", number_of(row, "error"));
	table_add(t, text_of(row, "key"));
}

static void print_top(const json_t *answer)
{
	static const char *const of_upstreams[] = {"QUERIES", "ANSWERS",  "FAILURES", "LATE",
	                                           "MEAN MS", "UPSTREAM", NULL};
	static const char *const of_keys[] = {"COUNT", "ERROR", "KEY", NULL};
	bool is_upstreams = strcmp(text_of(answer, "what"), top_kind_names[TOP_UPSTREAMS]) == 0;
	struct table t;
	size_t i;
	const json_t *row;
	table_init(&t, is_upstreams ? of_upstreams : of_keys);
	json_array_foreach(json_object_get(answer, "top"), i, row)
	{
		(is_upstreams ? add_upstream : add_key)(&t, row);
	}
	table_print(&t, stdout);
	printf("%s of the last %.1f s\n", text_of(answer, "what"),
	       json_number_value(json_object_get(answer, "seconds")));
}

static int begin(const struct args *a, struct control_request *request)
{
	json_t *answer = NULL;
	request->verb = CONTROL_DNS_TOP_BEGIN;
	int r = ask_argument(a, request, CONTROL_SECONDS, args_value(a, "--seconds"));
	if (r == 0 && !control_has(request, CONTROL_SECONDS))
		r = control_request_set_number(request, CONTROL_SECONDS, SECONDS_DEFAULT);
	if (r == 0)
		r = ask_instance(a, request, &answer, NULL);
	json_decref(answer);
	return r;
}

static void wait_for(int64_t seconds)
{
	struct timespec left = {.tv_sec = seconds};
	while (nanosleep(&left, &left) < 0)
		;
}

int cmd_dns_top(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct control_request counting = {0}, request = {.verb = CONTROL_DNS_TOP};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_WHAT, a.rest_count ? a.rest[0] : "names");
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_LIMIT, args_value(&a, "--limit"));
	if (r == 0)
		r = begin(&a, &counting);
	if (r)
		return r;
	wait_for(counting.seconds);
	return ask_and_show(&a, &request, print_top);
}
