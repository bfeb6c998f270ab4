/* gguf.h - what the header of a GGUF model file says of the model.
 *
 * What:    a pure function over the first bytes of a file: both byte orders, versions 1 to 3. A model is
 *          renamed easily; architecture, tokenizer and chat template stay.
 * Owns:    nothing: the values point into the caller's bytes.
 * Fails:   ERR_TRUNCATED when more bytes may hold more keys: what was found stands in the result all the
 *          same. ERR_MALFORMED, ERR_VERSION, and ERR_LIMIT, likewise with what was found before.
 * Limits:  65536 entries, keys of 65535 bytes (the format's), arrays nested 4 deep.
 * Source:  ggml docs/gguf.md, versions 1, 2 and 3. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum gguf_key {
	GGUF_ARCHITECTURE,
	GGUF_NAME,
	GGUF_BASENAME,
	GGUF_FINETUNE,
	GGUF_ORGANIZATION,
	GGUF_REPO_URL,
	GGUF_BASE_NAME, /* of the first model that this one was made from */
	GGUF_BASE_ORGANIZATION,
	GGUF_BASE_REPO_URL,
	GGUF_TOKENIZER_MODEL,
	GGUF_TOKENIZER_PRE,
	GGUF_CHAT_TEMPLATE,
	GGUF_PROJECTOR, /* of a vision model's encoder */
	GGUF_KEYS,
};

struct gguf {
	uint32_t version;
	bool is_big_endian;
	uint64_t tensors;
	uint64_t entries, entries_read; /* of metadata */
	struct view values[GGUF_KEYS];  /* UTF-8, unchecked; empty when absent or not a string */
};

/* `ret` is always set. ERR_MALFORMED at once when the magic is another's. */
int gguf_parse(struct view file, struct gguf *ret) must_check;
