/* Apart from control.c because jansson and our own writer have names in common. */
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/control.h"

const char *const control_verb_names[] = {"status", "reload", "stop", "checkpoint", NULL};

DEFINE_CLEANUP(json, json_t *, json_decref);

int control_parse(struct view line, enum control_verb *ret)
{
	cleanup(json) json_t *request = json_loadb((const char *)line.bytes, line.size, 0, NULL);
	const char *verb = json_string_value(json_object_get(request, "verb"));
	for (int i = 0; verb && control_verb_names[i]; i++) {
		if (strcmp(verb, control_verb_names[i]) == 0) {
			*ret = (enum control_verb)i;
			return OK;
		}
	}
	return ERR_MALFORMED;
}
