/* collected_purl.h - a package URL as a thing that a collection lists. */
#pragma once

#include "scan/collected.h"
#include "scan/purl.h"

struct collected_purl {
	struct purl purl;
};

/* Sets kind, registry, id and version of `item`, whose texts then lie in `room`. Errors as purl_parse(). */
int collected_purl_read(struct view text, struct collected_purl *room,
                        struct collected_item *item) must_check;
