/* subjects.h - who is behind a finding, in a text that may be shown: as it is, or as a pseudonym.
 *
 * What:    the person or machine as the source names it, else the client's address. With the installation's key of a
 *          month it is the pseudonym that the evidence log has; with a key of its own it means something within one
 *          result only.
 * Owns:    a key: subjects_done() wipes it. */
#pragma once

#include "finding/findings.h"
#include "record/pseudonym.h"

enum subjects_mode { SUBJECTS_RUN, SUBJECTS_INSTALLATION, SUBJECTS_PLAIN, SUBJECTS_MODES };
extern const char *const subjects_mode_names[]; /* "run" "installation" "plain" */

enum { SUBJECT_TEXT_SIZE = FINDING_TEXT_MAX * 4 + 1 };

struct subjects {
	enum subjects_mode mode;
	char period[PSEUDONYM_PERIOD_SIZE]; /* of the installation's key; else empty */
	struct pseudonym_key key;
};

/* A key of its own. */
void subjects_init(struct subjects *s, bool is_plain);
/* The key of that month in the installation's folder; makes none. ERR_MISSING; ERR_DENIED when it is erased, ERR_INVALID when it is damaged;
 * -errno. */
int subjects_open(struct subjects *s, const char *directory, const char *period) must_check;
void subjects_done(struct subjects *s);

/* Whether it names anybody. */
bool subjects_has(const struct finding *f);
/* "" for nobody. Control characters are escaped. Returns `text`. */
const char *subjects_name(const struct subjects *s, const struct finding *f,
                          char text[static SUBJECT_TEXT_SIZE]);
