/* pattern.h - which paths a finder looks at.
 *
 *	/etc/resolv.conf             this path, from ROOT
 *	@/etc/resolv.conf            this path, also where it is a link inside ROOT: read before the walk
 *	~/.dsh/config.json           in any home
 *	**\/node_modules/@*\/package.json   at any depth (without the backslashes, which only end no comment here)
 *
 * `*`, `?` and `[...]` stand within one part of a path. A pattern that ends in `/` is of folders.
 * What:    scan_patterns finds, for the name of an entry, the patterns whose last part it can be, by one search among
 *          the names that are written out and a comparison with each of the few that are not.
 * Limits:  SCAN_PATTERNS_MAX; more is a mistake of ours (asserted). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "scan/home.h"

enum { SCAN_PATTERNS_MAX = 512, SCAN_PATTERN_NAME_MAX = 64 };

struct scan_pattern {
	const char *text; /* as written */
	unsigned owner;   /* what the caller gave */
	bool is_folder;
	char name[SCAN_PATTERN_NAME_MAX]; /* its last part */
};

struct scan_patterns {
	struct scan_pattern rows
		[SCAN_PATTERNS_MAX]; /* first those whose name is written out, in order of name */
	size_t count, plain_count;
};

void scan_patterns_init(struct scan_patterns *patterns);
void scan_patterns_add(struct scan_patterns *patterns, const char *text, unsigned owner);
/* After the last was added. */
void scan_patterns_sort(struct scan_patterns *patterns);

/* Writes the owners of the patterns that match, each once, in ascending order; at most `max`. `path` is from ROOT,
 * without a slash at its end; `home` is the one that it lies in, or NULL. */
size_t scan_patterns_find(const struct scan_patterns *patterns, const char *path, bool is_folder,
                          const struct scan_home *home, unsigned *ret, size_t max);
