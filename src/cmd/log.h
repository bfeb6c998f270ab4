/* log.h - writ log checkpoint|prove|verify: the evidence log as an auditor wants it. */
#pragma once

#include "cmd/command.h"

extern const struct option log_checkpoint_options[], log_prove_options[], log_verify_options[];
extern const char log_prove_text[];
int cmd_log_checkpoint(const struct command *c, int argc, char **argv);
int cmd_log_prove(const struct command *c, int argc, char **argv);
int cmd_log_verify(const struct command *c, int argc, char **argv);
