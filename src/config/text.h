/* text.h - a text inside other text: as a YAML scalar, in a problem, and what is near to it.
 *
 * What: pure functions. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/view.h"

/* Prints a scalar that YAML reads back as the same text: plain where no reader takes it for something
 * else, else in double quotes. `is_plain_number` is for values whose rows type them: 15, 2026-01-15. */
void text_print_yaml(struct view text, bool is_plain_number, struct buffer *out);

/* Prints running text for a manual in mdoc(7), one sentence a line, and ends the line. */
void text_print_mdoc(const char *text, struct buffer *out);

enum { TEXT_QUOTE_SIZE = 80 };

/* Writes the text in quotes for a person: cut when long, control characters replaced. Returns `quoted`. */
const char *text_quote(struct view text, char quoted[static TEXT_QUOTE_SIZE]);

/* True when all characters may stand in a configuration: UTF-8 without control characters but line feed
 * and tab. */
bool text_is_clean(struct view text);

/* How many letters must be added, taken away or replaced to make one the other; at most `most` + 1. */
unsigned text_distance(struct view a, struct view b, unsigned most);
/* Prints ` (did you mean "x"?)` for the nearest of `count` words, or nothing when none is near. */
void text_print_near(struct view text, const char *const *words, size_t count, struct buffer *out);
