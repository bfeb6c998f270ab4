/* finder.h - what a scan can find: the table of finders.
 *
 * What:    a finder says which paths it looks at (scan/pattern.h); the walk goes through the tree once and hands it each
 *          of them. It turns what stands there into questions (scan/meet.h): what is a trace of a product is the
 *          policy's to say, and no finder knows any product. What it does not understand it counts (scan/scan.h).
 *          Bytes are hostile: all but a few finders are pure over them. Those read what else belongs to
 *          the file: the log beside a database (scan/find_database.h), a manifest that a browser's settings name.
 * Limits:  `size_max` a file; a larger one is not read, and the coverage says so.
 *
 * To add a finder: src/scan/find_x.c, its function in find.h, one row in finders[]; in tests/system/planted.py what it
 * finds and what it must not; a row in places[] of tests/fuzz/fuzz_scan_file.c with a file in
 * its corpus, and a fuzz target of its own for a parser that stands alone. */
#pragma once

#include <stdint.h>

#include "base/view.h"
#include "scan/home.h"

struct scan;
struct squashfs;

/* A file or folder in an image of files (scan/squashfs.h). */
struct scan_member {
	struct squashfs *image;
	uint64_t inode, folder; /* its own, and that of the folder that it lies in */
};

/* What the walk met. Everything is borrowed for the length of the call; bytes are wiped after it. */
struct scan_file {
	const char *path, *name;      /* from ROOT, "/home/anna/.env"; its last part */
	const struct scan_home *home; /* the home that it lies in, or NULL */
	bool is_folder;
	int folder; /* the open folder that it lies in; -1: none, as in tests */
	const struct scan_member *member; /* it lies in an image instead; or NULL */
	struct view bytes;                /* all of it, for FINDER_BYTES */
	uint64_t line;                    /* set by a finder for what it meets next; 0: none */
	bool has_no_lines;                /* bytes are a part of a file that has none */
};

enum finder_input {
	FINDER_NAME,  /* the path says it all */
	FINDER_BYTES, /* the whole file */
	FINDER_OPENS, /* it opens the file itself: scan_open(), scan/content.h */
};

struct finder {
	const char *name, *help;
	enum finder_input input;
	size_t size_max;
	void (*look)(struct scan *, struct scan_file *);
	void (*begin)(struct scan *); /* before the walk, once; or NULL */
	const char *const *
		looks_at; /* patterns, or for one without `look` words for people; ends with NULL */
};
extern const struct finder finders[]; /* ends with name NULL */
enum { FINDERS_MAX = 64 };
