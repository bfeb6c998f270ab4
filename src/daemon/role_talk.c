#include "daemon/role_talk.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/log_line.h"

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
