/* output.h - JSON on stdout, whole or not at all. */
#pragma once

#include "base/json_writer.h"
#include "config/schema.h"

/* Prints the buffer and a line feed, and frees it. Returns an exit status. */
int output_json(struct buffer *out);
/* Adds an array of the list's texts. */
void output_json_texts(struct json_writer *j, const char *key, const struct schema_list *list);
