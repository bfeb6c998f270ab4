/* example.h - what was not understood, as people are shown it.
 *
 * What:    control characters and bytes that are no ASCII are written as \xNN, so that nothing can act on a terminal.
 * Limits:  FINDING_EXAMPLE_SIZE; what is longer is cut, and ends with dots. */
#pragma once

#include "base/view.h"

enum { FINDING_EXAMPLE_SIZE = 200 };

void finding_example(struct view item, char ret[static FINDING_EXAMPLE_SIZE]);
