#include <stdio.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "cmd/packet.h"
#include "cmd/table.h"

const struct option packet_status_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};

const char packet_status_text[] =
	"Shows what the packet gate has counted since `writ run` began: decisions by order and facet under the policy "
	"in force, packets by what they met, how long the gate took over each, and how full the kernel's queues are. "
	"What is zero is left out; --json has it.";

static void print_decisions(const json_t *rows, const char *title, const char *key)
{
	const char *const titles[] = {title, "PRODUCT", "OBSERVED", "BLOCKED", NULL};
	struct table t;
	size_t i, shown = 0;
	const json_t *row;
	table_init(&t, titles);
	json_array_foreach(rows, i, row)
	{
		if (!number_of(row, "observed") && !number_of(row, "blocked"))
			continue;
		shown++;
		table_add(&t, text_of(row, key));
		table_add(&t, json_string_value(json_object_get(row, "product")));
		table_printf(&t, "%lld", number_of(row, "observed"));
		table_printf(&t, "%lld", number_of(row, "blocked"));
	}
	if (shown) {
		table_print(&t, stdout);
		putchar('\n');
	} else {
		table_drop(&t);
	}
}

static void print_counts(const json_t *rows, const char *title, const char *key)
{
	const char *const titles[] = {title, "COUNT", "WHAT", NULL};
	struct table t;
	size_t i;
	const json_t *row;
	table_init(&t, titles);
	json_array_foreach(rows, i, row)
	{
		if (!number_of(row, "count"))
			continue;
		table_add(&t, text_of(row, key));
		table_printf(&t, "%lld", number_of(row, "count"));
		table_add(&t, text_of(row, "help"));
	}
	table_print(&t, stdout);
	putchar('\n');
}

static void print_queues(const json_t *queues)
{
	static const char *const titles[] = {"QUEUE", "WAITING", "DROPPED", "NOT DELIVERED", NULL};
	struct table t;
	size_t i;
	const json_t *queue;
	if (json_array_size(queues) == 0)
		return;
	table_init(&t, titles);
	json_array_foreach(queues, i, queue)
	{
		table_printf(&t, "%lld", number_of(queue, "number"));
		table_printf(&t, "%lld", number_of(queue, "waiting"));
		table_printf(&t, "%lld", number_of(queue, "dropped"));
		table_printf(&t, "%lld", number_of(queue, "not_delivered"));
	}
	table_print(&t, stdout);
	putchar('\n');
}

/* The bounds between which packets lie; the mean alone would hide the slow ones. */
static void print_time(const json_t *answer)
{
	size_t i;
	const json_t *row;
	long long all = 0, so_far = 0;
	json_array_foreach(json_object_get(answer, "time"), i, row) all +=
		number_of(row, "packets");
	if (all == 0)
		return;
	printf("time per packet: %.1f us in the mean;", (double)number_of(answer, "mean_ns") / 1e3);
	json_array_foreach(json_object_get(answer, "time"), i, row)
	{
		so_far += number_of(row, "packets");
		if (number_of(row, "packets") && number_of(row, "up_to_ns"))
			printf(" %.2f %% up to %g us%s", 100.0 * (double)so_far / (double)all,
			       (double)number_of(row, "up_to_ns") / 1e3, so_far < all ? "," : "");
	}
	putchar('\n');
}

static void print_status(const json_t *answer)
{
	bool has_rules = json_is_true(json_object_get(answer, "rules"));
	printf("mode %s, failure %s, role %s, rules %s\n\n", text_of(answer, "mode"),
	       text_of(answer, "failure"), text_of(answer, "role"),
	       has_rules ? "installed" : "not installed");
	if (strcmp(text_of(answer, "mode"), "off") == 0)
		return;
	print_decisions(json_object_get(answer, "orders"), "ORDER", "order");
	print_decisions(json_object_get(answer, "facets"), "FACET", "facet");
	print_counts(json_object_get(answer, "counters"), "COUNTER", "name");
	print_counts(json_object_get(answer, "packets_met"), "PACKETS MET", "why");
	print_queues(json_object_get(answer, "queues"));
	print_time(answer);
}

int cmd_packet_status(const struct command *c, int argc, char **argv)
{
	static const struct control_request request = {.verb = CONTROL_PACKET_STATUS};
	struct args a;
	int r = args_parse(c, argc, argv, &a);
	return r ? r : ask_and_show(&a, &request, print_status);
}
