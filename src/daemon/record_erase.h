/* record_erase.h - erases a month's key of pseudonyms, with the entry that says so.
 *
 * What:    never one without the other, whenever the process is killed. The line of the submission lies in the file
 *          ERASURE_FILE beside the keys, synced, before the key is touched, and is removed when the entry is
 *          acknowledged. Who opens the log next does what is left: erasing twice is erasing, and the entry's id tells
 *          whether it is there already.
 * Limits:  one at a time.
 * Threads: the writer's. */
#pragma once

#include "daemon/record_writer.h"
#include "record/pseudonym.h"

#define ERASURE_FILE "erasing"

struct record_keys {
	const char *directory;
	struct pseudonym_keys
		*keys; /* opened there: what it holds of that month is forgotten, too */
};

/* The one line of an erasure (submission_is_erasure()) that submission_check() has passed. ERR_MISSING when the month has
 * no key, and nothing is done; -errno as record_writer_commit(): then the key is erased, and the entry waits; -ENOMEM
 * for the entry as well: then it is written when this is ended. What was cut short before is ended first, also when the
 * key's file went away meanwhile. */
int record_erase(struct record_writer *w, const struct record_keys *keys, struct view line,
                 int64_t now_us) must_check;
/* Ends what was cut short, if anything was. A failure is logged; it is tried again when the log is opened next. */
void record_erase_resume(struct record_writer *w, const struct record_keys *keys, int64_t now_us);
