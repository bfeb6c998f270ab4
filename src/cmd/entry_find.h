/* entry_find.h - one entry of the log, by its number or by the reference that a person quotes. */
#pragma once

#include "cmd/evidence.h"

struct found_entry {
	uint64_t number;
	struct buffer bytes; /* canonical JSON; buffer_done() it */
};

/* As the log writes it, whoever typed it; in `room` or as it is. */
struct view reference_spelt(const char *text, char room[static EVENT_REFERENCE_SIZE]);
/* Returns 0, or an exit status after it said on stderr that there is none. */
int entry_find(struct evidence *e, const char *text, struct found_entry *ret);
