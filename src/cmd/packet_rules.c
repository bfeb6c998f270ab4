#include "daemon/packet_rules.h"

#include <stdio.h>

#include "cmd/ask.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "cmd/output.h"
#include "cmd/packet.h"
#include "daemon/exit_status.h"
#include "daemon/role.h"
#include "gate/packet/gate.h"

const struct option packet_rules_options[] = {
	{"--print", NULL, "Print the rules that the settings ask for; nothing need run."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char packet_rules_text[] =
	"Shows the rules that `writ run` has installed: a table of its own, `inet writ`, and nothing else. Where "
	"the kernel's nft cannot queue, one rule of iptables does; --print shows the rules for a kernel whose nft "
	"can.";

static void print_rules(const json_t *answer)
{
	const char *rules = text_of(answer, "rules");
	if (*rules)
		fputs(rules, stdout);
	else
		printf("no rules are installed: mode %s\n", text_of(answer, "mode"));
}

static int print_own(const struct args *a)
{
	struct arena arena;
	struct writ_options options;
	struct buffer text = {0};
	uint32_t users[ROLES];
	arena_init(&arena, 0);
	int status = open_options(a, &arena, &options);
	if (status == EXIT_STATUS_OK) {
		const struct packet_rules rules = {.options = &options.packet,
		                                   .queues = packet_gate_workers(&options.packet),
		                                   .has_nft_queue = true,
		                                   .has_nft_fib = true,
		                                   .own_users = users,
		                                   .own_user_count = role_users(users)};
		if (options.packet.mode == PACKET_ROUTED || options.packet.mode == PACKET_HOST)
			packet_rules_print(&rules, &text);
		printf(VIEW_FMT, VIEW_ARG(buffer_view(&text)));
		status = text.failed ? EXIT_STATUS_INTERNAL : EXIT_STATUS_OK;
	}
	buffer_done(&text);
	arena_done(&arena);
	return status;
}

int cmd_packet_rules(const struct command *c, int argc, char **argv)
{
	static const struct control_request request = {.verb = CONTROL_PACKET_RULES};
	struct args a;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	return args_has(&a, "--print") ? print_own(&a) : ask_and_show(&a, &request, print_rules);
}
