/* command.h - the command table that dispatch, help, the manual and shell completion are made from.
 *
 * To add a command: src/cmd/NAME.c with its options and its function, one row in commands.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { COMMAND_GIVEN_MAX = 256 };

struct option {
	const char *name; /* "--json" */
	const char *arg;  /* what follows it; NULL: nothing */
	const char *help; /* one sentence */
};

struct command {
	const char *name;             /* "orders list" */
	const char *args;             /* what follows the options: "TARGET..." */
	const char *summary;          /* one line, imperative, no full stop */
	const char *text;             /* more for its manual, or NULL */
	const struct option *options; /* ends with a NULL name; NULL: none */
	int min_args, max_args;       /* -1: no limit */
	int (*run)(const struct command *c, int argc, char **argv);
};

extern const struct command commands[]; /* ends with a row whose name is NULL */

/* Finds the row and runs it. Returns the exit status. */
int command_run(int argc, char **argv);
/* "usage: writ check [--json] TARGET..." on stderr; returns EXIT_STATUS_USAGE. */
int command_usage(const struct command *c, const char *why, const char *what);
