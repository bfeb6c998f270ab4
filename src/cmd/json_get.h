/* json_get.h - members of an answer, for printing: what is missing is "-", 0 or false. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/plural.h"

static inline const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "-";
}

static inline long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* The ending of the noun that this number counts. */
static inline const char *count_s(const json_t *object, const char *key)
{
	return plural_s((uint64_t)number_of(object, key));
}

static inline bool flag_of(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}
