#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "cmd/ask.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "cmd/packet.h"
#include "cmd/table.h"

const struct option packet_flows_options[] = {
	{"--from", "ADDRESS", "Only flows of this client."},
	{"--limit", "N", "Show at most so many flows (default 100, at most 10000)."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char packet_flows_text[] =
	"Shows the flows that are under judgement now. One that was judged is the kernel's alone and no longer here; "
	"`conntrack -L` shows those, with the gate's mark. WHY is what the flow's last packet met, as in "
	"`writ packet status`.";

static void print_flows(const json_t *answer)
{
	static const char *const titles[] = {"",    "CLIENT", "SERVER",  "PROTOCOL", "WHY",
	                                     "AGE", "IDLE",   "PACKETS", "HELD",     NULL};
	struct table t;
	size_t i;
	const json_t *flow;
	table_init(&t, titles);
	json_array_foreach(json_object_get(answer, "flows"), i, flow)
	{
		table_add(&t, text_of(flow, "transport"));
		table_add_endpoint(&t, text_of(flow, "client"), number_of(flow, "client_port"));
		table_add_endpoint(&t, text_of(flow, "server"), number_of(flow, "server_port"));
		table_add(&t, text_of(flow, "protocol"));
		table_add(&t, text_of(flow, "why"));
		table_printf(&t, "%.1f s", (double)number_of(flow, "age_ms") / 1e3);
		table_printf(&t, "%.1f s", (double)number_of(flow, "idle_ms") / 1e3);
		table_printf(&t, "%lld", number_of(flow, "packets"));
		table_printf(&t, "%lld", number_of(flow, "held_bytes"));
	}
	table_print(&t, stdout);
	printf("%lld shown of %lld\n", number_of(answer, "shown"), number_of(answer, "matches"));
	if (number_of(answer, "workers_silent"))
		printf("%lld of %lld worker%s did not answer in time\n",
		       number_of(answer, "workers_silent"), number_of(answer, "workers"),
		       count_s(answer, "workers"));
}

int cmd_packet_flows(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct control_request request = {.verb = CONTROL_PACKET_FLOWS};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_FROM, args_value(&a, "--from"));
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_LIMIT, args_value(&a, "--limit"));
	return r ? r : ask_and_show(&a, &request, print_flows);
}
