/* lists.h - writ lists: how the organisation's lists stand, asking for newer ones, accepting one held back. */
#pragma once

#include "cmd/command.h"

extern const struct option lists_status_options[], lists_refresh_options[], lists_accept_options[];
extern const char lists_status_text[], lists_refresh_text[], lists_accept_text[];
int cmd_lists_status(const struct command *c, int argc, char **argv);
int cmd_lists_refresh(const struct command *c, int argc, char **argv);
int cmd_lists_accept(const struct command *c, int argc, char **argv);
