/* model_file.h - what the header of a model file says, as fields that identifiers are compared with.
 *
 * GGUF and safetensors, told by content. Only the first bytes are read. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "policy/vocabulary.h"

/* Called for each field: `gguf-architecture=deepseek2`, or a model id such as `deepseek-ai/DeepSeek-R1`.
 * A negative result ends the reading. */
typedef int model_file_field(void *context, enum kind_group group, const char *text);

/* -errno, ERR_INVALID, ERR_LIMIT with *ret_problem. */
int model_file_read(const char *path, struct arena *a, model_file_field *on_field, void *context,
                    const char **ret_problem) must_check;
