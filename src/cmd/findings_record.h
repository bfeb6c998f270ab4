/* findings_record.h - findings on their way into the evidence log, and what it says of findings. */
#pragma once

#include "cmd/evidence.h"
#include "finding/result.h"
#include "finding/states.h"

/* What the log says of findings. Returns 0, or an exit status after it said what is wrong. */
int findings_states(struct evidence *e, struct states **ret);
/* Before anything is read: whether --record, if it is given, has a log to go to. Returns an exit status. */
int findings_record_check(const struct args *a);
/* A whole result, with what is gone by it. Its sources are named by their whole paths from then on. */
int findings_record(const struct args *a, const char *method, struct findings *f);
