/* result_places.h - where destinations of findings are, by the databases of places that the settings name.
 *
 * Without settings, or where these name no database, nothing is known, and nothing is said. A database that cannot
 * be read is said on stderr, and the result goes on without it.
 * Owns: result_places_open() opens, result_places_close() closes, both also of nothing. */
#pragma once

#include "daemon/places.h"
#include "finding/result.h"

struct result_places {
	struct places places;
	struct arena texts;
	bool is_known;
};

/* `o` may be NULL: no settings. */
void result_places_open(struct result_places *p, const struct packet_places_options *o);
/* Has the result say it. */
void result_places_use(struct result_places *p, struct result *r);
void result_places_close(struct result_places *p);
