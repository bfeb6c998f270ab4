/* meet_private.h - for the files of meet.h only. */
#pragma once

#include "scan/scan_private.h"

/* What is asked and shown, in one place: cut, without what a key may be. */
struct words {
	char text[SCAN_TEXT_MAX];
	size_t size;
};

void words_add(struct words *w, struct view v);
/* The same with long runs of letters and digits cut. */
void words_add_masked(struct words *w, struct view v);

static inline struct view words_view(const struct words *w)
{
	return view_of(w->text, w->size);
}

/* Adds a sighting of what the verdict is about; `item` as in finding/sighting.h. False: it is about nothing. */
bool meet_put(struct scan *s, const struct scan_file *f, const struct verdict *v, struct view what,
              struct view item);
