#include "daemon/role_talk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/log_line.h"
#include "daemon/memory.h"

enum exit_status role_fail(int parent, enum exit_status status, const char *format, ...)
{
	char sentence[1000];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	log_line(LOG_LEVEL_ERROR, "%s", sentence);
	/* a parent that is gone needs no telling */
	int code = protocol_send_status(parent, MESSAGE_FAILED, status, sentence);
	(void)code;
	return status;
}

int role_receive(int parent, struct message *ret)
{
	int code = message_receive(parent, ret);
	if (code == OK && !protocol_allows(ret, false)) {
		message_done(ret);
		return ERR_MALFORMED;
	}
	return code;
}

static void refuse(struct buffer *out, const char *problem)
{
	struct json_writer j = {.out = out};
	out->size = 0;
	control_answer_begin(&j, EXIT_STATUS_USAGE);
	json_text(&j, "problem", problem);
	json_object_end(&j);
}

static void write_answer(struct view line, role_answer_fn *answer, void *context,
                         struct buffer *out)
{
	struct control_request request;
	char problem[CONTROL_PROBLEM_SIZE];
	if (control_parse(line, &request, problem) < 0) {
		refuse(out, problem);
		return;
	}
	struct json_writer j = {.out = out};
	control_answer_begin(&j, EXIT_STATUS_OK);
	bool is_answered = answer(context, &request, &j);
	json_object_end(&j);
	if (!is_answered)
		refuse(out, "the gate does not answer this");
}

int role_answer(int parent, const struct message *m, role_answer_fn *answer, void *context)
{
	uint32_t number;
	struct view line;
	struct buffer out = {0};
	cleanup(memory) struct memory reply = MEMORY_NONE;
	int code = protocol_read_ask(m, &number, &line);
	if (code < 0)
		return code;
	write_answer(line, answer, context, &out);
	code = out.failed ? -ENOMEM
	                  : memory_copy("writ-reply", view_of(out.bytes, out.size), &reply);
	buffer_done(&out);
	if (code < 0) {
		/* the client hears from the parent that no answer came */
		log_line(LOG_LEVEL_ERROR, "cannot answer a request: %s", err_text(code));
		return OK;
	}
	return protocol_send_reply(parent, number, reply.fd);
}
