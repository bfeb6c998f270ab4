/* result_file.h - a file for a result: it is replaced whole, or stays as it was, also when the disk is full.
 *
 * What:    result_file_open() makes a file beside it, before the process gives up the right to write (scan_confine.h). A
 *          child that keeps that right, and does nothing else, puts it into its place when it is told, or removes it
 *          when its parent ends without. What is no regular file, as /dev/stdout, is written as it is.
 * Owns:    result_file_close(), which gives up what was not put into its place.
 * Fails:   -errno. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/view.h"

struct result_file {
	int fd;   /* -1: none */
	int told; /* a socket of the child; -1: there is none, as nothing is to be replaced */
	pid_t child;
};

#define RESULT_FILE_NONE ((struct result_file){.fd = -1, .told = -1})

int result_file_open(const char *path, struct result_file *ret) must_check;
/* All of it, in its place. Once. */
int result_file_put(struct result_file *f, struct view bytes) must_check;
void result_file_close(struct result_file *f);
