/* npm_spec.h - what npm, yarn, pnpm, bun and deno write for a package of a registry.
 *
 *	NAME@RANGE                   "@scope/name@^1.0", "name@npm:^1.0" (yarn 2 and later)
 *	ALIAS@npm:NAME@RANGE         a package under another name
 *	/NAME/VERSION_PEERS          pnpm up to 7; /NAME@VERSION(PEERS) since
 *
 * What:    pure; views point into the caller's bytes. Names are cut where no name goes on, and are not otherwise checked.
 * Fails:   false: no such form. */
#pragma once

#include <stdbool.h>

#include "base/view.h"

struct npm_spec {
	struct view name, version; /* version: also a range, or empty */
};

/* `NAME@RANGE` or an alias, perhaps in quotes. */
bool npm_spec_parse(struct view text, struct npm_spec *ret);
/* `npm:NAME@RANGE` as the value of a dependency; other values name no package. */
bool npm_spec_parse_alias(struct view value, struct npm_spec *ret);
/* A key of `packages:` in a lock file of pnpm. */
bool npm_spec_parse_pnpm(struct view key, struct npm_spec *ret);
