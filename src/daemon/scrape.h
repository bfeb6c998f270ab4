/* scrape.h - gives the metrics role the text that it serves.
 *
 * What:    the parent's side: a page of metrics is written when one is asked for, and given again to who
 *          asks within SCRAPE_FRESH_MS, so that a role that asks without pause costs next to nothing.
 * Threads: the loop's. */
#pragma once

#include <stdint.h>

#include "daemon/memory.h"

enum { SCRAPE_FRESH_MS = 100 };

struct parent;

struct scrape {
	struct memory page;
	int64_t at_us; /* monotonic; 0: there is none */
};

/* To the role behind `fd`, which does not wait: one that does not read gets nothing. */
void scrape_answer(struct scrape *s, const struct parent *p, int fd);
void scrape_done(struct scrape *s);
