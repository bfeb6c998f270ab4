/* authority.h - writ authority: the certificate that clients must trust. */
#pragma once

#include "cmd/command.h"

extern const struct option authority_show_options[];
extern const char authority_show_text[];
int cmd_authority_show(const struct command *c, int argc, char **argv);
