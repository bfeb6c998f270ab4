/* go_buildinfo.h - which modules a program of Go was built of, as it says itself.
 *
 * What:    pure. elf_section.h finds the section ".go.buildinfo" of a program, go_buildinfo_modules() reads
 *          what lies there. Views point into the caller's bytes.
 * Fails:   ERR_MISSING: a program of something else, or of Go before 1.18; ERR_MALFORMED.
 * Source:  Go, debug/buildinfo and runtime/debug.ParseBuildInfo: a header of 32 bytes, then two texts with a length in
 *          front, the version and the modules; the second has 16 bytes before and behind. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { GO_BUILDINFO_HEADER = 32, GO_BUILDINFO_MAX = 1 << 20 };

/* The text of lines `dep<tab>PATH<tab>VERSION<tab>SUM`. `bytes` begins with the header. */
int go_buildinfo_modules(struct view bytes, struct view *ret) must_check;
/* The next module of that text; false at the end. */
bool go_buildinfo_next(struct view *text, struct view *ret_path, struct view *ret_version);
