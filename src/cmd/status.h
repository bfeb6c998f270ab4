/* status.h - writ status, metrics, reload, stop: what is asked of a running instance. */
#pragma once

#include "cmd/command.h"

extern const struct option status_options[], metrics_options[], reload_options[], stop_options[];
extern const char metrics_text[], reload_text[];
int cmd_status(const struct command *c, int argc, char **argv);
int cmd_metrics(const struct command *c, int argc, char **argv);
int cmd_reload(const struct command *c, int argc, char **argv);
int cmd_stop(const struct command *c, int argc, char **argv);
