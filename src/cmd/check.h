/* check.h - writ check: what the policy says of a target, and why. */
#pragma once

#include "cmd/command.h"

extern const struct option check_options[];
extern const char check_text[];
int cmd_check(const struct command *c, int argc, char **argv);
