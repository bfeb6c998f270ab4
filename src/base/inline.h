/* inline.h - for hot code that is compiled once for each of its constant arguments, or for each kind of processor. */
#pragma once

#define ALWAYS_INLINE static inline __attribute__((always_inline))
