/* why.h - writ why: from the clause of the order to the entry in the log, and back. */
#pragma once

#include "cmd/command.h"

extern const struct option why_options[];
extern const char why_text[];
int cmd_why(const struct command *c, int argc, char **argv);
