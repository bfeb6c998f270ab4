/* log_fields.h - the ways in which lines are cut into fields, that formats share.
 *
 * What:    pure; views into the line. Text in quotes is given without them; "" in it stays as it is written. */
#pragma once

#include "audit/log_kind.h"

/* Cuts off the next field of a line whose fields are parted by `separator`; quotes hide separators (RFC 4180). False
 * at the end. */
bool log_column_next(struct view *rest, uint8_t separator, struct view *ret);
/* The same with another sign for quotes; 0: there are none. */
bool log_column_cut(struct view *rest, uint8_t separator, uint8_t quote, struct view *ret);
/* The next of words parted by blanks; "..." and [...] are one. False at the end. */
bool log_word_next(struct view *rest, struct view *ret);
/* All of them, at most `max`; returns how many. */
size_t log_words(struct view line, struct view *ret, size_t max);
/* What stands before and behind `mark`; false: it is not there. */
bool log_cut(struct view text, const char *mark, struct view *ret_before, struct view *ret_after);
bool log_has(struct view text, const char *mark);

/* log_parse_functions: */

/* A line that has the columns that the format needs names them from there on. */
bool log_table_take_header(const struct log_kind *kind, struct log_state *state, struct view line);
/* Columns named by state->columns, or by a header: `#fields` (Zeek), `#Fields:` (W3C). */
int log_table_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                    struct log_record *ret);
/* key=value between blanks; values may be in quotes. ERR_MALFORMED when no key is known. */
int log_pairs_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                    struct log_record *ret);
/* The same, but a value goes on to the next ` key=` (CEF), or to the next state->separator (LEEF). */
int log_pairs_greedy_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                           struct log_record *ret);

/* Of what stands before the name in a line of FortiGate on a query: whether it is of the answer, where queries are
 * logged, too, which the begin of a file shows. Whoever asks chooses the name. */
bool log_is_second(struct log_state *state, struct view before);

/* The time in front of a line of syslog: RFC 5424, or ISO 8601; RFC 3164 has no year and says nothing. */
void log_syslog_time(struct view line, struct log_record *ret);
/* What a program said, without what syslog, or whoever writes its messages to a file, puts in front: a time of RFC 3164
 * or ISO 8601, machine and program; or the header of RFC 5424. A line without them as it is. */
struct view log_syslog_text(struct view line);
