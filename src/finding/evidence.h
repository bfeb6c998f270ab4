/* evidence.h - a result as entries of the evidence log, by what the log says already.
 *
 * What:    pure. Appends lines as record/submission.h takes them: the run (kind audit, more than one where it has many
 *          sources) before its findings. A finding that the log has keeps its id, and its state where it was
 *          accepted; one that was removed or gone is open again. One that the log has open or removed is gone when
 *          this run read, wholly, a source of the same format in the same folder that begins after it was last seen
 *          (where a source says no times: the same source), and did not find it. That is told by their names, so they
 *          are given wholly, from the root on; a source of another name proves nothing gone, nor does one in which Zeek's logs
 *          of different kinds follow each other.
 *          The id of a finding is made from its identifier, subject, unit, file, item of it and machine with the key of the month in
 *          which it was found first: it links what later runs find until that key is erased, and tells nothing. One that names
 *          nobody is recognised after that, too, by what the log says of it (nameless.h).
 * Needs:   keys: one for each month that `states` names and that still has one, the present month's first.
 * Fails:   -ENOMEM. */
#pragma once

#include "finding/result.h"
#include "finding/states.h"

enum { EVIDENCE_KEYS_MAX = 64, EVIDENCE_RUN_SIZE = 17 };

struct evidence_submission {
	const struct result *result;
	const struct states *states;
	const struct subjects *keys;
	size_t key_count;
	const char *actor;
	char run[EVIDENCE_RUN_SIZE]; /* id of the run */
};

struct evidence_counts {
	size_t found, is_new, again, gone;
};

int evidence_write(const struct evidence_submission *s, struct buffer *out,
                   struct evidence_counts *ret) must_check;

/* What a person decides of a finding. Texts but `reason` may be NULL. */
struct evidence_change {
	const char *finding, *actor, *reason, *assignee, *exemption, *run;
	enum finding_status status;
};
void evidence_write_change(const struct evidence_change *c, struct buffer *out);
