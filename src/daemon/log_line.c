#include "daemon/log_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_SIZE_MAX = 2048 };

const char *const log_level_names[] = {"error", "warning", "notice", "info", "debug", NULL};

static struct {
	const char *who;
	enum log_level max;
} log_to = {.who = "writ", .max = LOG_LEVEL_INFO};

void log_line_init(const char *who, enum log_level max)
{
	log_to.who = who;
	log_to.max = max;
}

static int write_prefix(char *line, enum log_level level)
{
	if (getenv("JOURNAL_STREAM"))
		return snprintf(line, LINE_SIZE_MAX, "<%d>%s: ", (int)level, log_to.who);
	return snprintf(line, LINE_SIZE_MAX, "%s %s: ", log_level_names[level - LOG_LEVEL_ERROR],
	                log_to.who);
}

void log_line(enum log_level level, const char *format, ...)
{
	if (level > log_to.max)
		return;
	char line[LINE_SIZE_MAX + 1];
	size_t size = (size_t)write_prefix(line, level);
	va_list arguments;
	va_start(arguments, format);
	int more = vsnprintf(line + size, LINE_SIZE_MAX - size, format, arguments);
	va_end(arguments);
	size_t end = more < 0 ? size : size + (size_t)more;
	if (end > LINE_SIZE_MAX - 1)
		end = LINE_SIZE_MAX - 1;
	for (size_t i = size; i < end; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
	line[end] = '\n';
	/* there is nobody to tell when this fails */
	ssize_t written = write(STDERR_FILENO, line, end + 1);
	(void)written;
}
