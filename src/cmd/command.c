#include "cmd/command.h"

#include <stdio.h>
#include <string.h>

#include "cmd/help.h"
#include "daemon/exit_status.h"

/* How many words of argv the command's name takes; 0 when it is another. */
static int match(const struct command *c, int argc, char **argv)
{
	const char *space = strchr(c->name, ' ');
	size_t first = space ? (size_t)(space - c->name) : strlen(c->name);
	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], c->name, first) != 0)
		return 0;
	if (!space)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

int command_usage(const struct command *c, const char *why, const char *what)
{
	fprintf(stderr, "writ %s: %s%s%s\n", c->name, why, what ? ": " : "", what ? what : "");
	fprintf(stderr, "usage: writ %s%s%s%s\n", c->name, c->options ? " [OPTION...]" : "",
	        *c->args ? " " : "", c->args);
	fprintf(stderr, "       writ help %s\n", c->name);
	return EXIT_STATUS_USAGE;
}

static int no_such_command(int argc, char **argv)
{
	bool is_prefix = false;
	size_t size = strlen(argv[0]);
	fprintf(stderr, "writ: no such command: %s%s%s\n", argv[0], argc > 1 ? " " : "",
	        argc > 1 ? argv[1] : "");
	for (const struct command *c = commands; c->name; c++) {
		if (strncmp(c->name, argv[0], size) == 0 &&
		    (c->name[size] == ' ' || c->name[size] == 0)) {
			fprintf(stderr, "  writ %-16s %s\n", c->name, c->summary);
			is_prefix = true;
		}
	}
	if (!is_prefix)
		fprintf(stderr, "`writ help` lists the commands\n");
	return EXIT_STATUS_USAGE;
}

int command_run(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_overview(stdout);
		return EXIT_STATUS_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		help_version(stdout);
		return EXIT_STATUS_OK;
	}
	for (const struct command *c = commands; c->name; c++) {
		int words = match(c, argc - 1, argv + 1);
		if (!words)
			continue;
		argc -= words + 1;
		argv += words + 1;
		if (wants_help(argc, argv)) {
			help_command(c, stdout);
			return EXIT_STATUS_OK;
		}
		return c->run(c, argc, argv);
	}
	return no_such_command(argc - 1, argv + 1);
}
