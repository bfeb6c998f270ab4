/* run.h - writ run: the daemon in the foreground. */
#pragma once

#include "cmd/command.h"

extern const struct option run_options[];
extern const char run_text[];
int cmd_run(const struct command *c, int argc, char **argv);
