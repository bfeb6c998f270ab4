/* scalar.h - one row of types[] for each type that is a single value.
 *
 * What: pure functions, for every type but STRUCT and LIST. Texts are copied into the arena. */
#pragma once

#include "config/schema.h"

/* Bytes of the C type. */
size_t scalar_size(enum schema_type type);
/* The word for it in a manual: "duration". Also for STRUCT and LIST. */
const char *scalar_type_name(enum schema_type type);
void scalar_set_absent(enum schema_type type, void *ret);
bool scalar_is_absent(enum schema_type type, const void *value);

/* Reads, holds against the bounds and asks .check. For a SET: one word, whose bit is added.
 * False when it is not acceptable, with "what, expected what" added to `why`. */
bool scalar_read(const struct schema_field *f, struct view text, struct arena *a, void *ret,
                 struct buffer *why);
/* Asks .check; `shown` is how the value is named in `why`. */
bool scalar_check(const struct schema_field *f, const void *value, const char *shown,
                  struct buffer *why);
/* Prints what a value of the row must be: "a whole number from 1 to 10". */
void scalar_print_expected(const struct schema_field *f, struct buffer *out);
