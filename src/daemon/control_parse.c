/* Apart from control.c because jansson and our own writer have names in common. */
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/control.h"

const char *const control_verb_names[] = {"status",        "reload",       "stop", "checkpoint",
                                          "lists-refresh", "lists-accept", NULL};

DEFINE_CLEANUP(json, json_t *, json_decref);

/* The id of a list belongs to some verbs, and to one of them by necessity. */
static int take_list(const json_t *value, struct control_request *r)
{
	const char *list = json_string_value(value);
	bool takes = r->verb == CONTROL_LISTS_REFRESH || r->verb == CONTROL_LISTS_ACCEPT;
	if (!value)
		return r->verb == CONTROL_LISTS_ACCEPT ? ERR_MALFORMED : OK;
	if (!takes || !list || !list[0] || strlen(list) > CONTROL_LIST_MAX)
		return ERR_MALFORMED;
	memcpy(r->list, list, strlen(list) + 1);
	return OK;
}

int control_parse(struct view line, struct control_request *ret)
{
	cleanup(json) json_t *request = json_loadb((const char *)line.bytes, line.size, 0, NULL);
	const char *verb = json_string_value(json_object_get(request, "verb"));
	struct control_request r = {.verb = CONTROL_STATUS};
	while (verb && r.verb < CONTROL_VERBS && strcmp(verb, control_verb_names[r.verb]) != 0)
		r.verb++;
	if (!verb || r.verb == CONTROL_VERBS || take_list(json_object_get(request, "list"), &r) < 0)
		return ERR_MALFORMED;
	*ret = r;
	return OK;
}
