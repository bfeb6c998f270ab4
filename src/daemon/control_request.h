/* control_request.h - what can be asked on the control socket: verbs and their arguments.
 *
 * What:    a request is one line, {"verb":"dns-cache","name":"example.org","limit":20}. Two tables say all:
 *          control_verbs[] which arguments a verb takes, control_arguments[] what each may be. Commands write
 *          requests, and the parent and its roles read them, by the same rows. Pure.
 * Fails:   control_parse() says in a sentence what was expected.
 * To add a verb: a constant here, a row in control_request.c, a case where it is answered. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/json_writer.h"
#include "wire/dname.h"

enum { CONTROL_REQUEST_MAX = 4000, CONTROL_PROBLEM_SIZE = 256, CONTROL_ID_SIZE = 65 };

enum control_verb {
	CONTROL_STATUS,
	CONTROL_RELOAD,
	CONTROL_STOP,
	CONTROL_CHECKPOINT,
	CONTROL_LISTS_REFRESH, /* all, or one */
	CONTROL_LISTS_ACCEPT,
	CONTROL_METRICS,
	CONTROL_DNS_CACHE,
	CONTROL_DNS_FLUSH,
	CONTROL_DNS_QUERY,
	CONTROL_DNS_TOP_BEGIN,
	CONTROL_DNS_TOP,
	CONTROL_PACKET_STATUS,
	CONTROL_PACKET_FLOWS,
	CONTROL_PACKET_RULES,
	CONTROL_SUBMIT, /* entries that a command left: record_submit.h */
	CONTROL_VERBS
};

enum control_argument {
	CONTROL_LIST,
	CONTROL_NAME,
	CONTROL_BELOW,
	CONTROL_ALL,
	CONTROL_TYPE,
	CONTROL_FROM,
	CONTROL_TRANSPORT,
	CONTROL_RESOLVE,
	CONTROL_WHAT,
	CONTROL_LIMIT,
	CONTROL_SECONDS,
	CONTROL_FILE,
	CONTROL_ARGUMENTS
};
#define CONTROL_BIT(argument) (1U << CONTROL_##argument)

struct control_request {
	enum control_verb verb;
	unsigned given; /* bits of enum control_argument: what is not there is zero */
	char list[CONTROL_ID_SIZE], file[CONTROL_ID_SIZE];
	struct dname name, below;
	bool all, resolve;
	uint16_t type;
	struct address from;
	int64_t transport; /* enum dns_transport */
	int64_t what;      /* enum top_kind */
	int64_t limit, seconds;
};

enum control_kind {
	CONTROL_KIND_ID,      /* char[CONTROL_ID_SIZE], ends with NUL */
	CONTROL_KIND_NAME,    /* struct dname */
	CONTROL_KIND_TYPE,    /* uint16_t */
	CONTROL_KIND_ADDRESS, /* struct address */
	CONTROL_KIND_CHOICE,  /* int64_t: which of the row's choices */
	CONTROL_KIND_NUMBER,  /* int64_t between min and max */
	CONTROL_KIND_FLAG,    /* bool */
};

struct control_argument_row {
	const char *name;
	enum control_kind kind;
	size_t offset; /* in struct control_request */
	const char *expected;
	int64_t min, max;
	const char *(*choice)(size_t index); /* NULL after the last */
};
extern const struct control_argument_row control_arguments[CONTROL_ARGUMENTS];

enum control_answerer { CONTROL_BY_PARENT, CONTROL_BY_DNS, CONTROL_BY_PACKET, CONTROL_BY_RECORD };

struct control_verb_row {
	const char *name;
	enum control_answerer answerer;
	unsigned required, optional; /* bits of enum control_argument */
	unsigned one_of;             /* exactly one of these */
};
extern const struct control_verb_row control_verbs[CONTROL_VERBS];

/* Reads one request line. ERR_MALFORMED, with a sentence in `problem`. */
int control_parse(struct view line, struct control_request *ret,
                  char problem[static CONTROL_PROBLEM_SIZE]) must_check;
/* Appends the request as such a line, without the line's end. */
void control_request_write(const struct control_request *r, struct buffer *out);

/* Begins the object of an answer: {"ok":true,"status":0 or, for any other exit status, {"ok":false,"status":STATUS. */
void control_answer_begin(struct json_writer *j, int status);

/* Sets an argument from its text, a number in decimal. ERR_MALFORMED, ERR_LIMIT as the row says. */
int control_request_set_text(struct control_request *r, enum control_argument argument,
                             struct view text) must_check;
int control_request_set_number(struct control_request *r, enum control_argument argument,
                               int64_t number) must_check;
void control_request_set_flag(struct control_request *r, enum control_argument argument, bool flag);
/* What the argument may be: "one of: udp, tcp". Returns `text`. */
const char *control_argument_expected(enum control_argument argument,
                                      char text[static CONTROL_PROBLEM_SIZE / 2]);

static inline bool control_has(const struct control_request *r, enum control_argument argument)
{
	return r->given >> argument & 1;
}
