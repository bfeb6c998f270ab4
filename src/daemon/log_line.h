/* log_line.h - the operator's log: one line on standard error for each thing worth knowing.
 *
 * A line says what was attempted, on what, and why it failed: "warning dns: cannot ...: no space left".
 * Under systemd (JOURNAL_STREAM is set) a line begins with its syslog priority instead of a word.
 * Control characters are replaced, so that a text from outside cannot forge a line.
 * Threads: any; a line is one write. */
#pragma once

enum log_level { /* the numbers of syslog */
	         LOG_LEVEL_ERROR = 3,
	         LOG_LEVEL_WARNING = 4,
	         LOG_LEVEL_NOTICE = 5,
	         LOG_LEVEL_INFO = 6,
	         LOG_LEVEL_DEBUG = 7,
};
extern const char
	*const log_level_names[]; /* "error" is the first; index = level - LOG_LEVEL_ERROR */

/* `who` is borrowed for the life of the process: the name of the role. */
void log_line_init(const char *who, enum log_level max);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
