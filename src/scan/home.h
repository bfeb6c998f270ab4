/* home.h - the homes of a machine's people: from ROOT/etc/passwd, and by folder.
 *
 * What:    `/home/NAME`, `/root`, `/Users/NAME` (also of a mounted Windows or macOS) are homes whatever passwd says; an
 *          account's home that is `/` or a folder of the system (/bin, /dev ...) is none.
 * Owns:    scan_homes_done().
 * Limits:  SCAN_HOMES_MAX; what goes beyond is counted in `dropped`. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum { SCAN_HOMES_MAX = 4096 };

struct scan_home {
	const char *user, *path; /* "/home/anna", without a slash at its end */
	size_t path_size;
};

struct scan_homes {
	struct arena arena;
	struct scan_home rows[SCAN_HOMES_MAX];
	size_t count, dropped;
};

void scan_homes_init(struct scan_homes *homes);
void scan_homes_done(struct scan_homes *homes);
/* Adds those of a passwd file. Lines that are none are skipped. */
void scan_homes_read(struct scan_homes *homes, struct view passwd);
/* Another place of that home, which its path leads to by links. */
void scan_homes_add_place(struct scan_homes *homes, size_t home, struct view path);
/* The home that a path lies in, or is; NULL for none. The longest of several. A home by its folder is added. */
const struct scan_home *scan_homes_find(struct scan_homes *homes, const char *path);
