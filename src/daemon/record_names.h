/* record_names.h - what the numbers in an event mean: texts of the policy that decided, and pseudonyms.
 *
 * What:    the two callbacks of struct event_names. Events that wait in a ring may have been decided by a
 *          policy that was replaced since, so the last RECORD_POLICIES_MAX are kept. */
#pragma once

#include "daemon/adopted.h"
#include "daemon/places.h"
#include "record/event.h"
#include "record/pseudonym.h"

enum { RECORD_POLICIES_MAX = 8 };

struct record_names {
	struct adopted policies[RECORD_POLICIES_MAX]; /* newest first; at_us: when each came */
	size_t count;
	struct pseudonym_keys keys;
	bool has_keys;
	struct places places;
	struct event_names callbacks; /* context is this struct: it does not move */
};

/* Opens the keys of pseudonyms. */
int record_names_open(struct record_names *n, const char *subjects_directory) must_check;
void record_names_close(struct record_names *n);
/* Takes the policy, which becomes the newest. */
void record_names_add(struct record_names *n, const struct adopted *policy, int64_t now_us);
/* Lets go of policies that were replaced before then: no event of theirs waits any more, and an image of
 * a million names is some 27 MB. */
void record_names_forget(struct record_names *n, int64_t before_us);
