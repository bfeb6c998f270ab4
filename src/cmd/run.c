#include "cmd/run.h"

#include <stdio.h>

#include "cmd/args.h"
#include "cmd/open_options.h"
#include "daemon/exit_status.h"
#include "daemon/run.h"

enum { LISTEN_MAX = 64 };

const struct option run_options[] = {
	OPTION_CONFIG,
	{"--listen", "ADDRESS:PORT",
         "Listen here and not where the settings say; may be repeated."},
	{0},
};

const char run_text[] =
	"It stays in the foreground and logs to stderr; systemd is told when it is ready. SIGHUP or "
	"`writ reload` compile the policy again, SIGTERM or `writ stop` end it cleanly.";

int cmd_run(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct endpoint listen[LISTEN_MAX];
	struct daemon_setup setup = {.listen = listen};
	size_t at = 0;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	for (const char *text; (text = args_next(&a, "--listen", &at));) {
		if (setup.listen_count == LISTEN_MAX ||
		    endpoint_parse(view_text(text), &listen[setup.listen_count++]) < 0)
			return command_usage(
				c, "not an endpoint, expected 127.0.0.1:53 or [::1]:53", text);
	}
	setup.settings = config_path(&a);
	if (!setup.settings) {
		fprintf(stderr,
		        "writ run: no writ.yaml here or in /etc/writ, expected one (`writ init` makes it), or "
		        "--config\n");
		return EXIT_STATUS_USAGE;
	}
	return daemon_run(&setup);
}
