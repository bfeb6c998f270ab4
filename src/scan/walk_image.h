/* walk_image.h - every folder and regular file of an image, once.
 *
 * What:    depth first, as walk.h, with the image's path before that of each. Limits are those of find_image.h.  */
#pragma once

#include "scan/scan.h"
#include "scan/squashfs.h"

void scan_walk_image(struct scan *s, const struct scan_file *f, struct squashfs *image);
