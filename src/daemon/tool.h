/* tool.h - runs a program of the system to its end, as `nft -f -`: no shell, its input out of memory, what it
 * complains of kept.
 *
 * Limits:  20 seconds, then it is killed; the first TOOL_COMPLAINT_SIZE bytes of its standard error.
 * Fails:   ERR_MISSING when it is not installed, ERR_INVALID when it ended with another status than 0,
 *          -ETIMEDOUT, -errno.
 * Threads: any; it waits for the program. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { TOOL_COMPLAINT_SIZE = 1024 };

/* `arguments` begin with the name, which is looked for in the system's own folders, and end with NULL.
 * `ret_complaint` is always a text, of lines without control characters. */
int tool_run(const char *const *arguments, struct view input,
             char ret_complaint[static TOOL_COMPLAINT_SIZE]) must_check;
