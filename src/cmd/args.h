/* args.h - the options and arguments that were given to one command.
 *
 * Options may stand anywhere, as `--name VALUE` or `--name=VALUE`; `--` ends them. */
#pragma once

#include "cmd/command.h"

#define OPTION_JSON                                        \
	{                                                  \
		"--json", NULL, "Print JSON for programs." \
	}

struct args {
	const struct command *command;
	struct {
		const struct option *option;
		const char *value;
	} given[COMMAND_GIVEN_MAX];
	size_t given_count;
	char **rest; /* what is no option, in order */
	int rest_count;
};

/* Reorders argv. Returns 0, or an exit status after it said on stderr what is wrong. */
int args_parse(const struct command *c, int argc, char **argv, struct args *ret);

/* The last value of an option that the command declares; NULL when it was not given. */
const char *args_value(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);
/* The next value of a repeated option; begin with *at = 0. NULL at the end. */
const char *args_next(const struct args *a, const char *name, size_t *at);
