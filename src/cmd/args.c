#include "cmd/args.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct option *find(const struct command *c, const char *text, size_t size)
{
	for (const struct option *o = c->options; o && o->name; o++) {
		if (strlen(o->name) == size && strncmp(o->name, text, size) == 0)
			return o;
	}
	return NULL;
}

/* Takes the option at argv[*at]; moves *at to its last word. */
static int take(struct args *a, int argc, char **argv, int *at)
{
	const char *text = argv[*at], *equals = strchr(text, '=');
	size_t size = equals ? (size_t)(equals - text) : strlen(text);
	const struct option *o = find(a->command, text, size);
	const char *value = equals ? equals + 1 : NULL;
	if (!o)
		return command_usage(a->command, "no such option", text);
	if (!o->arg && value)
		return command_usage(a->command, "this option takes no value", text);
	if (o->arg && !value) {
		if (*at + 1 >= argc)
			return command_usage(a->command, "this option needs a value", text);
		value = argv[++*at];
	}
	if (a->given_count == COMMAND_GIVEN_MAX)
		return command_usage(a->command, "too many options", text);
	a->given[a->given_count].option = o;
	a->given[a->given_count++].value = value ? value : "";
	return 0;
}

int args_parse(const struct command *c, int argc, char **argv, struct args *ret)
{
	struct args a = {.command = c, .rest = argv};
	bool options_end = false;
	for (int i = 0; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0) {
			options_end = true;
		} else if (!options_end && strncmp(argv[i], "--", 2) == 0) {
			int r = take(&a, argc, argv, &i);
			if (r)
				return r;
		} else {
			argv[a.rest_count++] = argv[i];
		}
	}
	if (a.rest_count < c->min_args)
		return command_usage(c, "too few arguments", NULL);
	if (c->max_args >= 0 && a.rest_count > c->max_args)
		return command_usage(c, "unexpected argument", argv[c->max_args]);
	*ret = a;
	return 0;
}

const char *args_next(const struct args *a, const char *name, size_t *at)
{
	assert(find(a->command, name, strlen(name)));
	while (*at < a->given_count) {
		size_t i = (*at)++;
		if (strcmp(a->given[i].option->name, name) == 0)
			return a->given[i].value;
	}
	return NULL;
}

const char *args_value(const struct args *a, const char *name)
{
	const char *value = NULL;
	size_t at = 0;
	for (const char *next; (next = args_next(a, name, &at));)
		value = next;
	return value;
}

bool args_has(const struct args *a, const char *name)
{
	return args_value(a, name) != NULL;
}
