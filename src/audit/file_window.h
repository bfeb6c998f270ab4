/* file_window.h - a part of a regular file, mapped: no copy, and no memory beyond the window.
 *
 * What:    a file that is cut short by others while it is read gives zero bytes and `is_cut`, and no signal.
 * Needs:   file_window_guard() once in the process, before threads.
 * Threads: one window at a time in each. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

enum { FILE_WINDOW_SIZE = 16 << 20 };

struct file_window {
	void *mapped;
	size_t size;
	bool is_cut; /* after file_window_close() */
};

int file_window_guard(void) must_check;
/* At most FILE_WINDOW_SIZE bytes, which must lie within the file as it was. */
int file_window_open(int fd, uint64_t from, size_t size, struct file_window *ret,
                     struct view *ret_bytes) must_check;
void file_window_close(struct file_window *w);
