#include "cmd/status.h"

#include <stdio.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

const struct option status_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};
const struct option reload_options[] = {OPTION_CONFIG, {0}};
const struct option metrics_options[] = {OPTION_CONFIG, {0}};
const struct option stop_options[] = {OPTION_CONFIG, {0}};

const char reload_text[] =
	"A file that is wrong changes nothing: every problem is shown as file:line:column, and the "
	"policy that was in force stays.";

const char metrics_text[] =
	"For a scraper that reads files: `writ metrics > /var/lib/node_exporter/writ.prom.new` and a rename. "
	"The same text is served over HTTP where daemon.metrics.listen says so. Nothing in it names a client, "
	"or a name that somebody asked for.";

static void print_roles(const json_t *roles)
{
	static const char *const titles[] = {"ROLE", "STATE", "PID", "SINCE", "RESTARTS", NULL};
	struct table t;
	size_t i;
	const json_t *role;
	table_init(&t, titles);
	json_array_foreach(roles, i, role)
	{
		table_add(&t, text_of(role, "name"));
		table_add(&t, text_of(role, "state"));
		table_printf(&t, "%lld", number_of(role, "pid"));
		table_add(&t, text_of(role, "since"));
		table_printf(&t, "%lld", number_of(role, "restarts"));
	}
	table_print(&t, stdout);
}

static void print_orders(const json_t *orders)
{
	static const char *const titles[] = {"ORDER", "IN FORCE", "ACTION", "TITLE", NULL};
	struct table t;
	size_t i;
	const json_t *order;
	table_init(&t, titles);
	json_array_foreach(orders, i, order)
	{
		table_add(&t, text_of(order, "id"));
		table_add(&t, json_is_true(json_object_get(order, "in_force")) ? "yes" : "no");
		table_add(&t, text_of(order, "action"));
		table_add(&t, text_of(order, "title"));
	}
	table_print(&t, stdout);
}

/* Allowed traffic leaves no trace unless the administrator wants one: then this stands above the rest. */
static void print_recording(const json_t *recording)
{
	size_t i;
	const json_t *one;
	if (json_array_size(recording) == 0)
		return;
	printf("QUERIES ARE RECORDED BESIDE THE EVIDENCE\n");
	json_array_foreach(recording, i, one)
	{
		printf("  %s, since %s\n", text_of(one, "text"), text_of(one, "since"));
	}
	putchar('\n');
}

/* Of lists a person needs to hear only what is wrong. */
static void print_lists(const json_t *lists)
{
	size_t i;
	const json_t *list;
	json_array_foreach(lists, i, list)
	{
		if (strcmp(text_of(list, "state"), "current") != 0)
			printf("list %s (%s): %s\n", text_of(list, "id"), text_of(list, "state"),
			       text_of(list, "problem"));
	}
}

static void print_certificates(const json_t *certificates)
{
	static const char *const titles[] = {"CERTIFICATE", "UNTIL", "", NULL};
	struct table t;
	size_t i;
	const json_t *certificate;
	if (json_array_size(certificates) == 0)
		return;
	table_init(&t, titles);
	json_array_foreach(certificates, i, certificate)
	{
		table_add(&t, text_of(certificate, "of"));
		table_add(&t, text_of(certificate, "until"));
		table_add(&t, json_is_true(json_object_get(certificate, "ends_soon")) ? "ENDS SOON"
		                                                                      : "");
	}
	table_print(&t, stdout);
	putchar('\n');
}

/* Counters that are zero say nothing to a person. */
static void print_counters(const char *title, json_t *object)
{
	const char *key;
	json_t *value;
	printf("%s\n", title);
	json_object_foreach(object, key, value)
	{
		if (json_is_integer(value) && json_integer_value(value))
			printf("  %-28s %lld\n", key, (long long)json_integer_value(value));
		else if (json_is_string(value))
			printf("  %-28s %s\n", key, json_string_value(value));
	}
}

static void print_status(const json_t *answer)
{
	const json_t *policy = json_object_get(answer, "policy");
	printf("writ %s, process %lld, since %s\n", text_of(answer, "version"),
	       number_of(answer, "pid"), text_of(answer, "started_at"));
	printf("policy %s of %s, in force since %s\n\n", text_of(policy, "version"),
	       text_of(policy, "organisation"), text_of(policy, "adopted_at"));
	print_recording(json_object_get(answer, "recording"));
	print_roles(json_object_get(answer, "roles"));
	putchar('\n');
	print_orders(json_object_get(answer, "orders"));
	print_lists(json_object_get(answer, "lists"));
	putchar('\n');
	print_certificates(json_object_get(answer, "certificates"));
	print_counters("dns", json_object_get(json_object_get(answer, "counters"), "dns"));
	putchar('\n');
	if (json_object_get(json_object_get(answer, "counters"), "packet")) {
		print_counters("packet",
		               json_object_get(json_object_get(answer, "counters"), "packet"));
		putchar('\n');
	}
	print_counters("evidence", json_object_get(answer, "log"));
}

int cmd_status(const struct command *c, int argc, char **argv)
{
	static const struct control_request request = {.verb = CONTROL_STATUS};
	struct args a;
	int r = args_parse(c, argc, argv, &a);
	return r ? r : ask_and_show(&a, &request, print_status);
}

int cmd_reload(const struct command *c, int argc, char **argv)
{
	struct args a;
	json_t *answer;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_verb(&a, CONTROL_RELOAD, &answer, NULL);
	if (r)
		return r;
	printf("policy %s is in force, before it %s\n", text_of(answer, "policy"),
	       text_of(answer, "previous"));
	json_decref(answer);
	return EXIT_STATUS_OK;
}

int cmd_stop(const struct command *c, int argc, char **argv)
{
	struct args a;
	json_t *answer;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_verb(&a, CONTROL_STOP, &answer, NULL);
	if (r)
		return r;
	printf("stopping\n");
	json_decref(answer);
	return EXIT_STATUS_OK;
}

int cmd_metrics(const struct command *c, int argc, char **argv)
{
	struct args a;
	json_t *answer;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_verb(&a, CONTROL_METRICS, &answer, NULL);
	if (r)
		return r;
	fputs(text_of(answer, "metrics"), stdout);
	json_decref(answer);
	return EXIT_STATUS_OK;
}
