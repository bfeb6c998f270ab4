/* organisation_schema.h - the rows of an organisation's nested structs, for those who say where a field
 * stands. */
#pragma once

#include "policy/organisation.h"

extern const struct schema adoption_schema;
extern const struct schema exemption_schema;
extern const struct schema list_product_schema;
extern const struct schema own_rule_schema;
extern const struct schema unit_answer_schema;
extern const struct schema window_schema;
