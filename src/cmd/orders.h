/* orders.h - writ orders list|show|check. */
#pragma once

#include "cmd/command.h"

extern const struct option orders_list_options[], orders_show_options[], orders_check_options[];
int cmd_orders_list(const struct command *c, int argc, char **argv);
int cmd_orders_show(const struct command *c, int argc, char **argv);
int cmd_orders_check(const struct command *c, int argc, char **argv);
