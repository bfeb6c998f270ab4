/* model_json.h - the JSON files that lie beside weights: which architecture, which base, which template.
 *
 * What:    a pure function, called by model_head_read(). A JSON file of something else is ERR_INVALID, without being
 *          parsed: it names none of the members that such files have.
 * Fails, owns: as model_head.h. */
#pragma once

#include <stdbool.h>

#include "scan/model_head.h"

int model_json_read(struct view json, model_head_field *on_field, void *context) must_check;
/* Whether it is such a file for sure, and not one that only has a member of the same name: its words are no ids that a
 * client is told to use. */
bool model_json_is(struct view json) must_check;
