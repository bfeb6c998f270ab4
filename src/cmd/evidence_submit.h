/* evidence_submit.h - entries that a command makes, on their way into the evidence log: by the running instance, else by
 * this process. */
#pragma once

#include "cmd/evidence.h"

/* Has lines of record/submission.h written; they are on the disk when it returns 0. Returns an exit status after it said
 * what is wrong. */
int evidence_submit(struct evidence *e, struct view lines);
/* The user who runs this: for the log. Lives in the arena. */
const char *evidence_actor(struct arena *a);

/* Says that it cannot do that; an exit status, EXIT_STATUS_RUNNING where the log is another's. */
int evidence_fail(const char *what, int code);
/* 8 random bytes in hexadecimal: a run, an erasure, a file for the instance. */
enum { EVIDENCE_ID_SIZE = 17 };
void evidence_make_id(char id[static EVIDENCE_ID_SIZE]);

/* Files in the evidence folder are its owner's, whoever asks: else the instance could not use them. -errno. */
int evidence_become_owner(const char *folder) must_check;
void evidence_become_oneself(void);
