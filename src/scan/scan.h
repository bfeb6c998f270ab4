/* scan.h - a look at one machine, image or container for what it has of products: findings, and coverage.
 *
 * What:    scan_run() walks ROOT once and asks all finders. Beside findings it tells what was looked at, what could not
 *          be read and why, and how the machine resolves names: a resolver that is not the network's goes past its
 *          gates, and is told even where no policy lists it.
 * Owns:    scan_new(), scan_free(). Policy and findings stay the caller's.
 * Fails:   what cannot be read is coverage, no failure. -ENOMEM; -errno when ROOT cannot be opened; ERR_TRUNCATED when
 *          it was stopped.
 * Limits:  SCAN_UNREAD_MAX and SCAN_RESOLVERS_MAX texts, the rest is counted; one file in memory, at most the largest
 *          size_max; SCAN_JSON_MEMORY_MAX for a parsed one; SCAN_DEPTH_MAX folders in each other; SCAN_ENTRIES_MAX entries.
 * Threads: one; scan_stop() from any, and from a signal's handler. */
#pragma once

#include <stdbool.h>

#include "finding/findings.h"
#include "scan/finder.h"

enum {
	SCAN_UNREAD_MAX = 200,
	SCAN_RESOLVERS_MAX = 200,
	SCAN_DEPTH_MAX = 200,
	SCAN_EXAMPLE_SIZE = 200,
	SCAN_TEXT_MAX = 512,
};
#define SCAN_ENTRIES_MAX UINT64_C(200000000)

struct scan_settings {
	const struct policy *policy;
	struct findings *findings; /* a source "MACHINE FINDER" is added for each finder */
	int64_t at_us;
	uint32_t place;       /* the machine's, or NONE */
	uint64_t entries_max; /* 0: SCAN_ENTRIES_MAX */
	const char *
		machine; /* what ROOT is of: names the sources, so that results of several are told apart */
	/* Called when all that may need more than reading is done; returns the version of Landlock in use. Or NULL. */
	int (*confine)(void *context);
	void *context;
};

struct scan_coverage {
	const struct finder *finder; /* NULL: the walk itself */
	uint64_t looked_at, bytes, not_understood, unread;
};

struct scan_unread {
	const char *path, *why;
};

struct scan_resolver {
	const char *path, *what;
};

int scan_new(const struct scan_settings *settings, struct scan **ret) must_check;
void scan_free(struct scan *s);
DEFINE_CLEANUP(scan, struct scan *, scan_free);
int scan_run(struct scan *s, const char *root) must_check;
void scan_stop(struct scan *s);

/* The version of Landlock that kept the walk from writing; 0: none. */
int scan_landlock(const struct scan *s);
size_t scan_coverage_count(const struct scan *s);
struct scan_coverage scan_coverage_at(const struct scan *s, size_t i);
size_t scan_unread_count(const struct scan *s);
const struct scan_unread *scan_unread_at(const struct scan *s, size_t i);
size_t scan_resolver_count(const struct scan *s);
const struct scan_resolver *scan_resolver_at(const struct scan *s, size_t i);
size_t scan_home_count(const struct scan *s);
const struct scan_home *scan_home_at(const struct scan *s, size_t i);

/* For finders. */

/* The file of `f`, read-only; -errno, told as unread. The caller closes it. */
int scan_open(struct scan *s, const struct scan_file *f) must_check;
/* A file that is not met on the walk, as it may be a link inside ROOT: it is read whole, handed to the finder that asks,
 * and wiped. One that is not there is nothing. */
void scan_read_path(struct scan *s, const char *path);
/* The file breaks its format, or has one that is not known. `why` is a sentence's part, without anything of the file. */
void scan_not_understood(struct scan *s, const struct scan_file *f, const char *why);
/* It could not be read, or not wholly. */
void scan_unread(struct scan *s, const char *path, const char *why);
/* How names are resolved, where that is said; `what` has nothing secret. */
void scan_tell_resolver(struct scan *s, const struct scan_file *f, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Looks at one file that is in memory, as the walk would: for tests, and fuzzers. */
void scan_look(struct scan *s, const struct finder *finder, struct scan_file *f);
