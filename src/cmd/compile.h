/* compile.h - writ compile: the policy image as a file, signed when it travels. */
#pragma once

#include "cmd/command.h"

extern const struct option compile_options[];
extern const char compile_text[];
int cmd_compile(const struct command *c, int argc, char **argv);
