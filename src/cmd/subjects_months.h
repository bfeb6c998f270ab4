/* subjects_months.h - the months whose subjects have pseudonyms: whether the key is there, what the evidence log says
 * of its erasure, and how many findings name somebody by it.
 *
 * Owns:    subjects_months_done(); texts live in the evidence's arena. */
#pragma once

#include "cmd/evidence.h"
#include "record/pseudonym.h"

struct subjects_month {
	char period[PSEUDONYM_PERIOD_SIZE];
	int state;        /* of pseudonym_key_read(); ERR_MISSING: only the log knows of it */
	size_t findings;  /* that are not gone: with the key they are forgotten, */
	size_t forgotten; /* as so many of them are already */
	bool is_told; /* the log tells that it was erased; the rest is of the latest such entry */
	uint64_t entry;
	int64_t at_us;
	const char *actor, *reason;
};

struct subjects_months {
	struct subjects_month *rows; /* in order */
	size_t count;
	const char *directory;
};

/* Of evidence whose index is open. Returns 0, or an exit status after it said what is wrong. */
int subjects_months_read(struct evidence *e, struct subjects_months *ret);
void subjects_months_done(struct subjects_months *m);
/* NULL when nothing is known of it. */
const struct subjects_month *subjects_months_find(const struct subjects_months *m,
                                                  const char *period);
