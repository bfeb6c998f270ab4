/* default.h - the defaults of rows, shared by reading and printing.
 *
 * What: pure functions over rows. That a default can be read is the programmer's promise: asserted. */
#pragma once

#include "config/schema.h"

/* Fills one field as when it is absent. OK or -ENOMEM. `file` is for the places of nested structs. */
int default_fill(const struct schema_field *f, const char *file, struct arena *a,
                 void *ret) must_check;
/* Fills a whole struct so. */
int default_fill_struct(const struct schema *s, const char *file, struct arena *a,
                        void *ret) must_check;
/* Bytes of the C type of a field, and of an item of a LIST. */
size_t field_size(const struct schema_field *f);
size_t item_size(const struct schema_field *list);

static inline void *field_at(const struct schema_field *f, void *whole)
{
	return (char *)whole + f->offset;
}

static inline const void *field_of(const struct schema_field *f, const void *whole)
{
	return (const char *)whole + f->offset;
}
