#include <assert.h>
#include <string.h>

#include "config/default.h"

/* The place of a row's value in a struct that was read, else of the struct. */
static struct config_place place_of(const struct schema *s, const void *value, const char *field,
                                    const struct schema_field **ret_field)
{
	assert(s->place_offset != SCHEMA_NO_PLACE);
	const struct schema_field *f = s->fields;
	struct config_place at =
		*(const struct config_place *)((const char *)value + s->place_offset);
	while (f->name && strcmp(f->name, field) != 0)
		f++;
	assert(f->name);
	const struct config_mark *mark = at.fields ? &at.fields[f - s->fields] : NULL;
	at.fields = NULL;
	if (mark && mark->line) {
		at.line = mark->line;
		at.column = mark->column;
	}
	*ret_field = f;
	return at;
}

struct config_place config_place_of(const struct schema *s, const void *value, const char *field)
{
	const struct schema_field *f;
	return place_of(s, value, field, &f);
}

struct config_place config_place_of_item(const struct schema *s, const void *value,
                                         const char *field, size_t index)
{
	const struct schema_field *f;
	struct config_place at = place_of(s, value, field, &f);
	const struct schema_list *list = field_of(f, value);
	assert(f->type == SCHEMA_LIST && index < list->count);
	if (list->marks) {
		at.line = list->marks[index].line;
		at.column = list->marks[index].column;
	}
	return at;
}
