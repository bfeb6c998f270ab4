/* log_mapped.h - lines as a mapping says. */
#pragma once

#include "audit/log_mapping.h"

/* For kinds that are part of a struct log_mapping. */
log_parse_function log_mapped_parse;
log_find_function log_mapped_find_header;
/* Whether it says what was asked for or visited. */
bool log_mapped_says_what(enum log_field field);
