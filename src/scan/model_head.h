/* model_head.h - what the first bytes of a model's file say of the model: fields that identifiers are compared with.
 *
 * What:    GGUF, safetensors, and the JSON files that lie beside weights (config.json, tokenizer_config.json, adapters,
 *          generation settings), told by content, whatever their names. A pure function.
 * Owns:    nothing: values are good for the length of the call.
 * Fails:   ERR_INVALID: no model's file. ERR_TRUNCATED: more bytes would tell more; what was told is good.
 *          ERR_MALFORMED and ERR_LIMIT, likewise. What the callback returns when it is negative.
 * Source:  gguf.h, safetensors.h; Hugging Face transformers, PretrainedConfig. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum model_form { MODEL_NONE, MODEL_GGUF, MODEL_SAFETENSORS, MODEL_JSON };

/* `kind` is a name of identifier_kinds[] ("gguf-architecture", "chat-template"), or "model" for a model id. */
typedef int model_head_field(void *context, const char *kind, struct view value);

/* What a file that begins so may be; a JSON file is told from others by model_head_read() only. */
enum model_form model_head_form(struct view first) must_check;
/* Whether a header goes on behind the bytes that are there. */
bool model_head_goes_on(struct view head) must_check;
int model_head_read(struct view head, model_head_field *on_field, void *context) must_check;
