#include "cmd/lists.h"

#include <stdio.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/open_options.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

const struct option lists_status_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};
const struct option lists_refresh_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};
const struct option lists_accept_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};

const char lists_status_text[] =
	"States: current; failing (the last try failed); stale (nothing heard for twice its refresh); "
	"held (a newer copy waits for `writ lists accept`); missing (no copy yet: none of its names is "
	"in force).";
const char lists_refresh_text[] =
	"Asks the servers now, of one list or of all that have a url, and waits until what is new is in "
	"force.";
const char lists_accept_text[] =
	"A newer copy is held when it has less than half of the names of the one in force, or when no "
	"policy can be made with it. This puts it in force after all.";

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void add_list(struct table *t, const json_t *list)
{
	const char *sha256 = text_of(json_object_get(list, "copy"), "sha256");
	const char *from = text_of(list, "url") ? text_of(list, "url") : text_of(list, "file");
	table_add(t, text_of(list, "id"));
	table_add(t, text_of(list, "state"));
	table_printf(t, "%lld", (long long)json_integer_value(json_object_get(list, "names")));
	table_add(t, text_of(list, "checked_at"));
	table_printf(t, "%.12s", sha256 ? sha256 : "-");
	table_add(t, from);
}

static void print_lists(const json_t *lists)
{
	static const char *const titles[] = {"LIST",   "STATE", "NAMES", "CHECKED",
	                                     "SHA256", "FROM",  NULL};
	struct table t;
	size_t i;
	const json_t *list;
	table_init(&t, titles);
	json_array_foreach(lists, i, list) add_list(&t, list);
	table_print(&t, stdout);
	json_array_foreach(lists, i, list)
	{
		if (text_of(list, "problem"))
			printf("%s: %s\n", text_of(list, "id"), text_of(list, "problem"));
	}
}

static int print(const struct args *a, const json_t *answer)
{
	const json_t *lists = json_object_get(answer, "lists");
	if (!args_has(a, "--json")) {
		print_lists(lists);
		return EXIT_STATUS_OK;
	}
	if (json_dumpf(lists, stdout, JSON_COMPACT) < 0)
		return EXIT_STATUS_INTERNAL;
	putchar('\n');
	return EXIT_STATUS_OK;
}

static int ask(const struct command *c, enum control_verb verb, int argc, char **argv)
{
	struct args a;
	struct control_request request = {.verb = verb};
	json_t *answer;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_LIST, a.rest_count ? a.rest[0] : NULL);
	if (r == 0)
		r = ask_instance(&a, &request, &answer, NULL);
	if (r)
		return r;
	if (text_of(answer, "problem"))
		fprintf(stderr, "writ: %s\n", text_of(answer, "problem"));
	r = print(&a, answer);
	json_decref(answer);
	return r;
}

int cmd_lists_status(const struct command *c, int argc, char **argv)
{
	return ask(c, CONTROL_STATUS, argc, argv);
}

int cmd_lists_refresh(const struct command *c, int argc, char **argv)
{
	return ask(c, CONTROL_LISTS_REFRESH, argc, argv);
}

int cmd_lists_accept(const struct command *c, int argc, char **argv)
{
	return ask(c, CONTROL_LISTS_ACCEPT, argc, argv);
}
