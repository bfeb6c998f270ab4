/* source_list.h - the files that an audit reads: those that were named, and those in folders that were named.
 *
 * What:    a folder gives its files in the order of their names, folders within it where their name stands. A link
 *          that was named is followed; one that is met in a folder is not, nor is a device, socket or pipe there:
 *          each stands in the list with a problem, so that coverage says it. What was given before, under this or
 *          another name, stands in `repeated` instead.
 * Owns:    source_list_done().
 * Limits:  SOURCE_LIST_MAX files, SOURCE_LIST_DEPTH folders deep. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum { SOURCE_LIST_MAX = 100000, SOURCE_LIST_DEPTH = 64 };

struct source_list_item {
	const char *path;    /* "-": standard input */
	const char *problem; /* why it cannot be read; or NULL */
};

/* The same file, by its device and inode: a path that comes twice, a link, or a file in a folder that was given, too. */
struct source_list_repeated {
	const char *path, *first;
};

struct source_list {
	struct arena arena;
	struct source_list_item *items;
	size_t count, capacity;
	struct source_list_repeated *repeated;
	size_t repeated_count, repeated_capacity;
	struct source_seen *seen; /* private: a table of what stands in the list */
	size_t seen_size;         /* a power of two, at least twice as many */
};

void source_list_init(struct source_list *l);
void source_list_done(struct source_list *l);
/* ERR_LIMIT, -ENOMEM. What cannot be read is no failure: it is an item. */
int source_list_add(struct source_list *l, const char *path) must_check;
