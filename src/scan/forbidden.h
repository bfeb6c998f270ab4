/* forbidden.h - how far a setting reaches that forbids: what stands in it is no use.
 *
 * What:    pure functions over what follows such a key; 0 where it has no such value. Names are found by scan/text.h.
 * Limits:  none of its own; each is linear in what it reads. */
#pragma once

#include "base/view.h"

/* `{...}` or `[...]` that `rest` begins with, to its end. SIZE_MAX: it is not closed. */
size_t scan_forbidden_group(struct view rest);
/* Of YAML: the lines below a key in that column, when its own line ends with it. */
size_t scan_forbidden_block(struct view rest, size_t column);
/* Of TOML: what stands before the next header of a table. */
size_t scan_forbidden_table(struct view rest);
