/* audit_progress.h - how far an audit is, on a terminal; nothing elsewhere. */
#pragma once

#include "audit/audit.h"

struct audit_progress_line {
	struct audit *audit;
	int64_t began_us;
	uint64_t bytes_before; /* of an earlier run */
	bool is_on, is_drawn;
};

void audit_progress_begin(struct audit_progress_line *l, struct audit *a);
/* For audit_settings.tell. */
void audit_progress_tell(void *line);
void audit_progress_end(struct audit_progress_line *l);
