/* Apart from control_request.c because jansson and our own writer have names in common. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/control_request.h"
#include "wire/dns.h"

DEFINE_CLEANUP(json, json_t *, json_decref);

/* NULL when there is no such verb. */
static const struct control_verb_row *find_verb(const json_t *request)
{
	const char *verb = json_string_value(json_object_get(request, "verb"));
	for (int i = 0; verb && i < CONTROL_VERBS; i++) {
		if (strcmp(verb, control_verbs[i].name) == 0)
			return &control_verbs[i];
	}
	return NULL;
}

static int find_argument(const struct control_verb_row *verb, const char *name)
{
	unsigned takes = verb->required | verb->optional | verb->one_of;
	for (int i = 0; i < CONTROL_ARGUMENTS; i++) {
		if (takes >> i & 1 && strcmp(name, control_arguments[i].name) == 0)
			return i;
	}
	return ERR_MISSING;
}

static int take_value(struct control_request *r, enum control_argument argument,
                      const json_t *value)
{
	enum control_kind kind = control_arguments[argument].kind;
	if (json_is_integer(value) && kind == CONTROL_KIND_NUMBER)
		return control_request_set_number(r, argument, json_integer_value(value));
	if (json_is_boolean(value) && kind == CONTROL_KIND_FLAG) {
		control_request_set_flag(r, argument, json_is_true(value));
		return OK;
	}
	if (!json_is_string(value) || kind == CONTROL_KIND_NUMBER || kind == CONTROL_KIND_FLAG)
		return ERR_MALFORMED;
	return control_request_set_text(
		r, argument, view_of(json_string_value(value), json_string_length(value)));
}

static int take(struct control_request *r, const char *key, const json_t *value, char *problem)
{
	const struct control_verb_row *verb = &control_verbs[r->verb];
	int argument = find_argument(verb, key);
	if (argument < 0) {
		(void)snprintf(problem, CONTROL_PROBLEM_SIZE, "%s takes no argument %.60s",
		               verb->name, key);
		return ERR_MALFORMED;
	}
	if (take_value(r, (enum control_argument)argument, value) < 0) {
		char expected[CONTROL_PROBLEM_SIZE / 2];
		(void)snprintf(
			problem, CONTROL_PROBLEM_SIZE, "%s: %s is wrong, expected %s", verb->name,
			control_arguments[argument].name,
			control_argument_expected((enum control_argument)argument, expected));
		return ERR_MALFORMED;
	}
	return OK;
}

static void list_names(unsigned arguments, char *text, size_t size)
{
	text[0] = '\0';
	for (int i = 0; i < CONTROL_ARGUMENTS; i++) {
		size_t used = strlen(text);
		if (arguments >> i & 1)
			(void)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
			               control_arguments[i].name);
	}
}

static int check_given(const struct control_request *r, char *problem)
{
	const struct control_verb_row *verb = &control_verbs[r->verb];
	char names[128];
	unsigned missing = verb->required & ~r->given;
	list_names(missing ? missing : verb->one_of, names, sizeof(names));
	if (missing) {
		(void)snprintf(problem, CONTROL_PROBLEM_SIZE, "%s needs %s", verb->name, names);
		return ERR_MALFORMED;
	}
	if (verb->one_of && __builtin_popcount(r->given & verb->one_of) != 1) {
		(void)snprintf(problem, CONTROL_PROBLEM_SIZE, "%s needs exactly one of: %s",
		               verb->name, names);
		return ERR_MALFORMED;
	}
	return OK;
}

int control_parse(struct view line, struct control_request *ret,
                  char problem[static CONTROL_PROBLEM_SIZE])
{
	cleanup(json) json_t *request =
		json_loadb((const char *)line.bytes, line.size, JSON_REJECT_DUPLICATES, NULL);
	const struct control_verb_row *verb = find_verb(request);
	if (!verb) {
		(void)snprintf(problem, CONTROL_PROBLEM_SIZE,
		               "not a request, expected {\"verb\":\"%s\"}", control_verbs[0].name);
		return ERR_MALFORMED;
	}
	struct control_request r = {.verb = (enum control_verb)(verb - control_verbs)};
	const char *key;
	json_t *value;
	int code = OK;
	json_object_foreach(request, key, value)
	{
		if (code == OK && strcmp(key, "verb") != 0)
			code = take(&r, key, value, problem);
	}
	if (code == OK)
		code = check_given(&r, problem);
	if (code == OK)
		*ret = r;
	return code;
}
