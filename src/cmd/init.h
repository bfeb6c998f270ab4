/* init.h - writ init: the two files that an installation needs, with comments, from flags. */
#pragma once

#include "cmd/command.h"

extern const struct option init_options[];
extern const char init_text[];
int cmd_init(const struct command *c, int argc, char **argv);
