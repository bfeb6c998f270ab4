/* packet.h - `writ packet ...`: what the packet gate counts, holds and has asked of the kernel. */
#pragma once

#include "cmd/command.h"

extern const struct option packet_status_options[], packet_flows_options[], packet_rules_options[];
extern const char packet_status_text[], packet_flows_text[], packet_rules_text[];

int cmd_packet_status(const struct command *c, int argc, char **argv);
int cmd_packet_flows(const struct command *c, int argc, char **argv);
int cmd_packet_rules(const struct command *c, int argc, char **argv);
