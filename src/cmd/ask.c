#include "cmd/ask.h"

#include <stdio.h>

#include "cmd/open_options.h"
#include "cmd/output.h"
#include "daemon/exit_status.h"

enum { PATIENCE_MS = 60000 };

static int ask(const struct args *a, const struct control_request *request, struct buffer *line)
{
	struct arena arena;
	struct writ_options options;
	arena_init(&arena, 0);
	int status = open_options(a, &arena, &options);
	if (status == EXIT_STATUS_OK) {
		int r = control_ask(options.daemon.run_directory, request, PATIENCE_MS, line);
		status = r == ERR_MISSING ? EXIT_STATUS_NOT_RUNNING : (int)exit_status_of(r);
		if (r == ERR_MISSING)
			fprintf(stderr, "writ: no instance runs with %s\n",
			        options.daemon.run_directory);
		else if (r < 0)
			fprintf(stderr, "writ: the instance in %s did not answer: %s\n",
			        options.daemon.run_directory, err_text(r));
	}
	arena_done(&arena);
	return status;
}

static void print_refusal(const json_t *answer)
{
	size_t i;
	const json_t *problem;
	const char *sentence = json_string_value(json_object_get(answer, "problem"));
	if (sentence)
		fprintf(stderr, "writ: %s\n", sentence);
	json_array_foreach(json_object_get(answer, "problems"), i, problem)
	{
		const char *file = json_string_value(json_object_get(problem, "file"));
		const char *text = json_string_value(json_object_get(problem, "text"));
		long long line = json_integer_value(json_object_get(problem, "line"));
		if (line)
			fprintf(stderr, "%s:%lld:%lld: %s\n", file, line,
			        (long long)json_integer_value(json_object_get(problem, "column")),
			        text);
		else
			fprintf(stderr, "%s: %s\n", file, text);
	}
}

int ask_instance(const struct args *a, const struct control_request *request, json_t **ret,
                 struct buffer *ret_line)
{
	struct buffer line = {0};
	int status = ask(a, request, &line);
	json_t *answer = NULL;
	if (status == EXIT_STATUS_OK) {
		answer = json_loadb((const char *)line.bytes, line.size, 0, NULL);
		if (!answer) {
			fprintf(stderr, "writ: the instance gave an answer that is no JSON\n");
			status = EXIT_STATUS_INTERNAL;
		} else if (!json_is_true(json_object_get(answer, "ok"))) {
			print_refusal(answer);
			status = (int)json_integer_value(json_object_get(answer, "status"));
			status = status ? status : EXIT_STATUS_INTERNAL;
		}
	}
	if (status == EXIT_STATUS_OK) {
		*ret = answer;
		if (ret_line)
			buffer_add_view(ret_line, buffer_view(&line));
	} else {
		json_decref(answer);
	}
	buffer_done(&line);
	return status;
}

int ask_verb(const struct args *a, enum control_verb verb, json_t **ret, struct buffer *ret_line)
{
	struct control_request request = {.verb = verb};
	return ask_instance(a, &request, ret, ret_line);
}

int ask_show(const struct args *a, const json_t *answer, struct buffer *line,
             void (*print)(const json_t *answer))
{
	int status = EXIT_STATUS_OK;
	while (line->size && line->bytes[line->size - 1] == '\n')
		line->size--;
	if (args_has(a, "--json"))
		status = output_json(line);
	else
		print(answer);
	buffer_done(line);
	return status;
}

int ask_and_show(const struct args *a, const struct control_request *request,
                 void (*print)(const json_t *answer))
{
	struct buffer line = {0};
	json_t *answer;
	int status = ask_instance(a, request, &answer, &line);
	if (status)
		return status;
	status = ask_show(a, answer, &line, print);
	json_decref(answer);
	return status;
}

int ask_argument(const struct args *a, struct control_request *request,
                 enum control_argument argument, const char *text)
{
	char expected[CONTROL_PROBLEM_SIZE / 2];
	if (!text || control_request_set_text(request, argument, view_text(text)) == OK)
		return EXIT_STATUS_OK;
	fprintf(stderr, "writ %s: %s is wrong: %s, expected %s\n", a->command->name,
	        control_arguments[argument].name, text,
	        control_argument_expected(argument, expected));
	return EXIT_STATUS_USAGE;
}
