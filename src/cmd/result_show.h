/* result_show.h - the end of every command that finds existing use: its result on stdout, and its exit status.
 *
 * RESULT_OPTIONS are the options that such a command has for it. */
#pragma once

#include "cmd/args.h"
#include "finding/result.h"

#define RESULT_OPTIONS                                                                             \
	OPTION_JSON, {"--csv", NULL, "Print one line of CSV a finding."},                          \
		{"--diff", "FILE",                                                                 \
	         "Say what is new and what is gone since that result, which --json printed."},     \
	{                                                                                          \
		"--reveal", NULL, "Name people and machines as the sources do, not by pseudonyms." \
	}

/* Before anything is read: whether it can be shown as wanted, and --diff be done. Returns an exit status. */
int result_check(const struct args *a);
/* Sorts, compares with --diff, prints. `method` and `more` as in the result. Returns the exit status. */
int result_show(const struct args *a, const char *method, const struct result_more *more,
                struct findings *f);
