/* unique.h - that no two things of a list carry one id. */
#pragma once

#include "config/schema.h"

/* `list` is of structs of `size` bytes, each with a `const char *` id and a struct config_place at the
 * given offsets. Adds a problem at every struct whose id stands earlier too. */
void unique_ids(const struct schema_list *list, size_t size, size_t id_offset, size_t place_offset,
                const char *what, struct problems *p);
