/* audit.h - reads sources of any format by several threads, and puts together what was found in them.
 *
 * What:    each source is opened, its compression and format found by content, and read by that format's reader. A
 *          long file of lines is cut at line ends into parts, which threads take in turn; anything else is read by
 *          one thread, several sources at once. What cannot be read, or not wholly, is said in the coverage of its
 *          source and is no failure of the run.
 * Owns:    audit_free(). Policy and paths are the caller's.
 * Limits:  findings_max; AUDIT_AHEAD parts of a source are read before the first of them is put in its place.
 * Threads: audit_run() makes its own; audit_stop() and audit_progress() may be called meanwhile from others.
 * Needs:   file_window_guard(). */
#pragma once

#include "audit/reader.h"
#include "audit/source_list.h"
#include "base/cleanup.h"

enum { AUDIT_AHEAD = 16, AUDIT_THREADS_MAX = 64, AUDIT_PART_SIZE = 32 << 20 };

struct audit_settings {
	const struct policy *policy;
	const struct source_list *sources;
	int64_t now_us;
	const struct audit_format *format; /* of all sources; NULL: each is found by content */
	uint64_t format_hash;              /* of what made that format, for the state */
	size_t findings_max;
	unsigned threads;
	uint64_t part_size;     /* 0: AUDIT_PART_SIZE */
	bool makes_digests;     /* SHA-256 of each source */
	const char *state_path; /* where an interrupted run is kept; or NULL */
	int state_every_ms;
	/* Called about five times a second while it runs; or NULL. */
	void (*tell)(void *context);
	void *context;
};

struct audit_progress {
	uint64_t bytes, bytes_all; /* bytes_all is 0 while a source's length is not known */
	size_t sources, sources_all;
};

struct audit;

/* *ret is there after a failure, too, for audit_problem(); NULL without memory. Opens no source. Takes up the state of an earlier run where state_path has one: ERR_VERSION when it is not of this
 * policy and version, ERR_INVALID when a source has changed since (audit_problem() says which), ERR_MALFORMED. */
int audit_new(const struct audit_settings *settings, struct audit **ret) must_check;
/* Returns when all is read, or soon after audit_stop(): ERR_TRUNCATED, and the state is kept. */
int audit_run(struct audit *a) must_check;
/* From a signal's handler, too. */
void audit_stop(struct audit *a);
void audit_progress(struct audit *a, struct audit_progress *ret);
struct findings *audit_findings(struct audit *a);
/* Bytes of an earlier run that were not read again. */
uint64_t audit_resumed_bytes(const struct audit *a);
/* Why audit_new() or keeping the state failed, for people; "" for no more than its code. */
const char *audit_problem(const struct audit *a);
void audit_free(struct audit *a);
DEFINE_CLEANUP(audit, struct audit *, audit_free);
