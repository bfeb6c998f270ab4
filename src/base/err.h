/* err.h - the one error type. 0 or positive is success; every failure is negative and has a name.
 *
 * System failures travel as -errno; ours start at -1000, so both fit in one int.
 * To add a code: one enum constant here, one row in err.c. */
#pragma once

enum err {
	OK = 0,
	ERR_TRUNCATED = -1000, /* input ends before the structure does: more bytes may help */
	ERR_MALFORMED = -1001, /* input breaks its format: no further byte will help */
	ERR_LIMIT = -1002,     /* a limit that we set was reached */
	ERR_DENIED = -1003,    /* a rule of ours forbids it */
	ERR_MISSING = -1004,   /* the thing asked for does not exist */
	ERR_EXISTS = -1005,    /* the thing to be made exists already */
	ERR_VERSION = -1006,   /* made by another version of the format */
	ERR_CHECKSUM = -1007,  /* bytes were altered since they were written */
	ERR_SIGNATURE = -1008, /* signature missing, or not made by the expected key */
	ERR_INVALID = -1009, /* a value, or a file of ours, is not acceptable; problems say where */
};

#define must_check __attribute__((warn_unused_result))

/* Returns a static, lower-case English phrase for any code, including -errno. */
const char *err_text(int code);
