/* products.h - writ products list|show|check. */
#pragma once

#include "cmd/command.h"

extern const struct option products_list_options[], products_show_options[],
	products_check_options[];
int cmd_products_list(const struct command *c, int argc, char **argv);
int cmd_products_show(const struct command *c, int argc, char **argv);
int cmd_products_check(const struct command *c, int argc, char **argv);
