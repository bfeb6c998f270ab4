/* subjects.h - `writ subjects list|erase`. */
#pragma once

#include "cmd/command.h"

int cmd_subjects_list(const struct command *c, int argc, char **argv);
extern const struct option subjects_list_options[];
extern const char subjects_list_text[];
int cmd_subjects_erase(const struct command *c, int argc, char **argv);
extern const struct option subjects_erase_options[];
extern const char subjects_erase_text[];
