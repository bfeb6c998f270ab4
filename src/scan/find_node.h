/* find_node.h - for the finders of packages of Node.js. */
#pragma once

#include "scan/scan.h"

/* Lock files of yarn, pnpm and bun as text: find_node_lock_lines.c. */
void find_node_lock_lines(struct scan *s, struct scan_file *f);
