/* help.h - what is printed from the command table for people and shells: help, completion. */
#pragma once

#include <stdio.h>

#include "cmd/command.h"

void help_overview(FILE *out);
void help_version(FILE *out);
void help_command(const struct command *c, FILE *out);

extern const struct option help_options[];
/* writ help [COMMAND...]; with --man... a manual page (manual.h), with --completion the words for bash. */
int cmd_help(const struct command *c, int argc, char **argv);
