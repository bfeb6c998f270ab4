/* scan_events.h - writ scan --egress: what gates met of addresses, by the evidence log. */
#pragma once

#include "cmd/evidence.h"
#include "scan/egress.h"

#define SCAN_EVENTS_OPTIONS                                                                               \
	{                                                                                                 \
		"--since", "TIME",                                                                        \
			"With --egress, also ask the evidence log what gates met of its addresses since " \
			"then, as 2026-01-15 or 2026-01-15T08:00:00Z (with --record: a day)."             \
	}

struct scan_events {
	struct evidence evidence;
	bool is_open;
	int64_t since_us, until_us;
	const char *keys; /* folder of the pseudonyms' keys */
	int code;         /* the first failure, which the caller tells */
};

/* Opens the log when it is to be asked: `is_open`. Returns 0, or an exit status after it said what is wrong. */
int scan_events_open(const struct args *a, struct scan_events *ret);
void scan_events_close(struct scan_events *e);
/* An egress_events_of(): the context is the struct scan_events. */
void scan_events_of(void *context, const struct address *addresses, size_t count,
                    struct egress_events *ret);
