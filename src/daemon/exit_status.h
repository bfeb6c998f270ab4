/* exit_status.h - what the exit status of a program says, so that a script or systemd can act on it.
 *
 * exit_statuses[] is the one place: help and manual are printed from it.
 * To add one: a constant here, a row in exit_status.c. */
#pragma once

enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_VERDICT = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_POLICY = 3,
	EXIT_STATUS_EVIDENCE = 4,
	EXIT_STATUS_IN_USE = 5,
	EXIT_STATUS_PERMISSION = 6,
	EXIT_STATUS_RUNNING = 7,
	EXIT_STATUS_INTERNAL = 8,
	EXIT_STATUS_NOT_RUNNING = 9,
	EXIT_STATUS_NO_SPACE = 10,
	EXIT_STATUS_FOUND = 11,
	EXIT_STATUS_INCOMPLETE = 12,
	EXIT_STATUS_INTERRUPTED = 13,
};

struct exit_status_row {
	enum exit_status code;
	const char *name;
	const char *meaning;
};
extern const struct exit_status_row exit_statuses[]; /* ends with a NULL name */

/* The status of an error code of err.h or -errno, where nothing more exact is known. */
enum exit_status exit_status_of(int code);
