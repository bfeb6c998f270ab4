/* output.h - JSON on stdout, whole or not at all. */
#pragma once

#include "base/buffer.h"

/* Prints the buffer and a line feed, and frees it. Returns an exit status. */
int output_json(struct buffer *out);
