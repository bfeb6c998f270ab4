/* content.h - the bytes of a file that a scan met, wherever it lies: in an open folder, or in an image of files.
 *
 * Owns:    scan_content_close(). A content stands where it was opened: it is not copied.
 * Fails:   -errno; ERR_DENIED for what is no regular file; of an image what scan/squashfs.h says.
 * Limits:  SCAN_COPY_MAX bytes of a file in an image for who needs a descriptor. */
#pragma once

#include "scan/finder.h"
#include "scan/squashfs.h"

enum { SCAN_COPY_MAX = 64 << 20 };

struct scan_content {
	struct byte_source bytes;
	int fd; /* -1: it lies in an image */
	struct squashfs_file member;
};

int scan_content_open(const struct scan_file *f, struct scan_content *ret) must_check;
void scan_content_close(struct scan_content *c);
/* A descriptor of it; of a file in an image one of a copy in memory. The caller closes it. */
int scan_content_descriptor(const struct scan_file *f, uint64_t *ret_size) must_check;
