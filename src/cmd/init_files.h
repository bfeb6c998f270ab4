/* init_files.h - the text of the two files that `writ init` writes. */
#pragma once

#include "base/buffer.h"
#include "cmd/args.h"

void init_organisation(const struct args *a, struct buffer *out);
void init_settings(const struct args *a, const char *folder, struct buffer *out);
