/* find_image.h - images of files: AppImages of type 2, snaps, any other squashfs, told by content.
 *
 * What:    what lies in one is met as if it lay in a folder of the image's name, by all finders. An image within an image is
 *          told and not opened; neither is a snap whose files are mounted below ROOT/snap, where the walk meets them.
 * Limits:  IMAGE_ENTRIES_MAX files and folders an image, SCAN_DEPTH_MAX folders in each other, SQUASHFS_UNPACKED_MAX bytes
 *          (scan/squashfs.h): what is beyond is told as unread. */
#pragma once

#include "base/view.h"
#include "scan/byte_source.h"
#include "scan/scan.h"

enum { IMAGE_ENTRIES_MAX = 500000 };

/* A file whose content `b` begins with `first`: looks into it when it is an image. */
void find_image(struct scan *s, const struct scan_file *f, const struct byte_source *b,
                struct view first);
