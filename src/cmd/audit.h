/* audit.h - writ audit: who used the products, from captures and logs. */
#pragma once

#include "cmd/command.h"

extern const struct option audit_options[];
extern const char audit_text[];
int cmd_audit(const struct command *c, int argc, char **argv);
