/* block_text.h - the sentences that say why something is refused and whom to ask.
 *
 * What:    "Order tw-csma-2025 (art. 11) prohibits DeepSeek here. Contact: it@agency.example." in a language
 *          of language_names[]; put together once for each rule by block_texts_get(). Pure.
 * Owns:    the texts, for one policy: block_texts_clear() when another comes.
 * Limits:  long parts are cut between characters: an answer over UDP has little room.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

enum { BLOCK_TEXTS = 256, BLOCK_TEXT_SIZE = 512 };

struct block_text {
	bool is_set;
	uint32_t rule;
	const char *language; /* that it is in */
	size_t why_size;      /* of what is said without the contact */
	size_t size;          /* of what is said without a reference */
	size_t label_size;    /* of the words that follow before one */
	char text[BLOCK_TEXT_SIZE];
};

/* In the language if there is one of that name, else in the first. NONE as rule: what is said of a canary. */
void block_text_write(const struct policy *policy, uint32_t rule, const char *language,
                      struct block_text *ret);

struct block_texts {
	struct block_text rows[BLOCK_TEXTS];
};

void block_texts_clear(struct block_texts *t);
/* In the organisation's language. Valid until the next call. */
const struct block_text *block_texts_get(struct block_texts *t, const struct policy *policy,
                                         uint32_t rule);
