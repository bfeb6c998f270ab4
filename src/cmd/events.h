/* events.h - writ events: what was blocked and observed, from the index of the evidence log. */
#pragma once

#include "cmd/command.h"

extern const struct option events_options[];
extern const char events_text[];
int cmd_events(const struct command *c, int argc, char **argv);
