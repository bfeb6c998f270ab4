/* appimage.h - where the image of files in an AppImage begins: behind the program that mounts it.
 *
 * What:    pure, over a byte_source. Type 2 is an ELF program (32 or 64 bits, little-endian) with a file system behind it,
 *          where its last section, or its table of sections, ends.
 * Fails:   ERR_MISSING: no program of that form; ERR_MALFORMED: nothing can stand behind it; -errno.
 * Source:  AppImage specification, draft 2.0, "Type 2 image format"; elf(5). */
#pragma once

#include "base/view.h"
#include "scan/byte_source.h"

enum appimage_type {
	APPIMAGE_NONE,
	APPIMAGE_ISO = 1,   /* ISO 9660 */
	APPIMAGE_IMAGE = 2, /* squashfs, or another */
	APPIMAGE_PROGRAM,   /* a program; it does not say that it is one */
};

/* By the first bytes of a file. */
enum appimage_type appimage_type_of(struct view first) must_check;
int appimage_find(const struct byte_source *b, uint64_t *ret_at) must_check;
