/* wiped.h - while a library reads something that may hold keys: what it frees is overwritten, and not kept as it is.
 *
 * What:    a setting of the C library's, for the whole process; it is not counted, so none is begun within another.
 *          Memory of our own is wiped where it is freed instead.
 * Threads: one.
 * Source:  mallopt(3), M_PERTURB. */
#pragma once

#include <malloc.h>

static inline void wiped_begin(void)
{
	(void)mallopt(M_PERTURB, 0xff);
}

static inline void wiped_end(void)
{
	(void)mallopt(M_PERTURB, 0);
}
