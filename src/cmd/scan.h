/* scan.h - writ scan: what a machine, an image or a container has of products. */
#pragma once

#include "cmd/command.h"

extern const struct option scan_options[];
extern const char scan_manual[];
int cmd_scan(const struct command *c, int argc, char **argv);
