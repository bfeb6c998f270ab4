/* list_watch.h - tells when a file of a list was changed, replaced, or came to be.
 *
 * What:    the folders of the files are watched (inotify), so that a file that is renamed into its place is
 *          seen too; the target of a symbolic link in another folder is not. A change is told once it has
 *          been quiet for LIST_WATCH_QUIET_MS: whoever writes in place has finished by then, and who
 *          renames into place has nothing to fear.
 * Owns:    its handles and copies of the names; list_watch_free().
 * Threads: the loop's. */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

enum { LIST_WATCH_QUIET_MS = 1000 };

struct list_watch;

/* `file` is the last one that changed. Returns false when it is to be told again later. */
typedef bool list_watch_fn(void *context, const char *file);

int list_watch_new(uv_loop_t *loop, list_watch_fn *tell, void *context,
                   struct list_watch **ret) must_check;
/* These files (absolute paths), from now on, and no others. A folder that cannot be watched: -errno, and the
 * others are. */
int list_watch_set(struct list_watch *w, const char *const *files, size_t count) must_check;
/* Takes NULL. Memory is freed once the loop has run its closing callbacks. */
void list_watch_free(struct list_watch *w);
