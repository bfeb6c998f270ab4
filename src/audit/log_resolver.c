/* log_resolver.c - text that name servers write of queries: BIND, Unbound, dnsmasq and Pi-hole, Knot Resolver, Windows.
 *
 * What:    who asked for which name. Other messages of the same programs say nothing.
 * Source:  BIND 9 ARM, "query-log"; unbound.conf(5), log-queries; dnsmasq(8), --log-queries; Knot Resolver, verbose
 *          log of plans; Microsoft, "DNS Logging and Diagnostics". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"
#include "audit/log_time.h"

enum { WORDS_MAX = 24 };

/* 15-Jan-2026 10:00:00.123, by which BIND's other messages are known where their category and severity are not written;
 * of a time in another form they are. */
static bool is_of_bind(struct view line)
{
	static const char client[] = " client"; /* what was cut off behind it is no other message */
	static const char *const severities[] = {
		"named[", " info: ", " notice: ", " warning: ", " error: ", " critical: "};
	static const char form[] = "00-Aaa-0000 00:00:00.000 ";
	size_t i = 0, end = sizeof(client) - 1;
	if (line.size >= end && memcmp(line.bytes + line.size - end, client, end) == 0)
		return false;
	for (; i < sizeof(form) - 1 && i < line.size; i++) {
		uint8_t c = line.bytes[i];
		if (form[i] == '0'            ? !view_is_digit(c)
		    : (form[i] | 0x20) == 'a' ? !view_is_letter(c)
		                              : c != (uint8_t)form[i])
			break;
	}
	if (i == sizeof(form) - 1)
		return true;
	for (i = 0; i < sizeof(severities) / sizeof(*severities); i++) {
		if (log_has(line, severities[i]))
			return true;
	}
	return false;
}

/* Another message of a client: 10.0.0.1#5353 (a.example): text, or 10.0.0.1#5353: text where it asked for no name, as with
 * a notification, an update, or what cannot be parsed. */
static bool is_of_client(struct view from)
{
	struct view before, port;
	size_t digits = 0;
	if (log_has(from, "): "))
		return true;
	if (!log_cut(from, "#", &before, &port))
		return false;
	while (digits < port.size && view_is_digit(port.bytes[digits]))
		digits++;
	return digits && view_starts_with(view_skip(port, digits), view_text(": "));
}

/* 15-Jan-2026 10:00:00.123 queries: info: client @0x7f 10.0.0.1#5353 (a.example): query: a.example IN A +E(0) */
static int parse_bind(const struct log_kind *kind, struct log_state *state, struct view line,
                      struct log_record *ret)
{
	struct view before, after, when, from, word;
	(void)kind;
	(void)state;
	if (!log_cut(line, "client ", &when, &from))
		return is_of_bind(line) ? LOG_SILENT : ERR_MALFORMED;
	if (!log_cut(from, " query: ", &before, &after))
		return is_of_client(from) ? LOG_SILENT : ERR_MALFORMED;
	if (!log_word_next(&after, &word))
		return ERR_MALFORMED;
	log_record_set(ret, LOG_HOST, word);
	while (log_word_next(&before, &word)) {
		if (memchr(word.bytes, '#', word.size))
			log_record_set(ret, LOG_CLIENT, word);
	}
	struct view day, clock;
	struct view stamp = when;
	log_syslog_time(line, ret);
	if (log_word_next(&stamp, &day) && log_word_next(&stamp, &clock)) {
		log_record_set(ret, LOG_DATE, day);
		log_record_set(ret, LOG_CLOCK, clock);
	}
	return ret->client.size ? OK : ERR_MALFORMED;
}

/* [1768435200] unbound[99:0] info: 10.0.0.1 a.example. A IN
 * With log-replies the same and more is written again, with log-tag-queryreply by "query:" and "reply:". Where both are
 * logged, which the begin of a file shows, replies are no acts of their own. */
static int parse_unbound(const struct log_kind *kind, struct log_state *state, struct view line,
                         struct log_record *ret)
{
	struct view before, after, words[5];
	struct address client;
	(void)kind;
	if (!log_has(line, "unbound"))
		return ERR_MALFORMED;
	if (!log_cut(line, " info: ", &before, &after) &&
	    !log_cut(line, " query: ", &before, &after) &&
	    !log_cut(line, " reply: ", &before, &after))
		return LOG_SILENT;
	size_t count = log_words(after, words, 5);
	if (count == 0 || address_parse(words[0], &client) < 0)
		return LOG_SILENT;
	if (count < 4 || !(view_is(words[3], "IN") || view_is(words[3], "CH")))
		return ERR_MALFORMED;
	if (state->is_begin)
		state->has_queries |= count == 4;
	if (count > 4 && state->has_queries)
		return LOG_SILENT;
	struct view stamp;
	if (log_word_next(&before, &stamp))
		log_record_set(ret, LOG_TIME, stamp);
	log_syslog_time(line, ret);
	log_record_set(ret, LOG_CLIENT, words[0]);
	log_record_set(ret, LOG_HOST, words[1]);
	return OK;
}

/* Jan 15 10:00:00 dnsmasq[99]: query[A] a.example from 10.0.0.1 */
static int parse_dnsmasq(const struct log_kind *kind, struct log_state *state, struct view line,
                         struct log_record *ret)
{
	struct view before, after, words[4];
	struct address client;
	(void)kind;
	(void)state;
	if (!log_has(line, "dnsmasq"))
		return ERR_MALFORMED;
	if (!log_cut(line, " query[", &before, &after))
		return LOG_SILENT;
	if (log_words(after, words, 4) < 4 || !view_is(words[2], "from") ||
	    address_parse(words[3], &client) < 0)
		return ERR_MALFORMED;
	log_syslog_time(line, ret);
	log_record_set(ret, LOG_HOST, words[1]);
	log_record_set(ret, LOG_CLIENT, words[3]);
	return OK;
}

/* [plan  ], [policy] ...: each of its lines begins with where it comes from, in six characters. */
static bool has_knot_group(struct view line)
{
	enum { GROUP_SIZE = 6 };
	for (const uint8_t *open; line.size > GROUP_SIZE + 1 &&
	                          (open = memchr(line.bytes, '[', line.size - GROUP_SIZE - 1));) {
		size_t letters = 0;
		while (letters < GROUP_SIZE &&
		       ((open[1 + letters] >= 'a' && open[1 + letters] <= 'z') ||
		        (letters && open[1 + letters] == ' ')))
			letters++;
		if (letters == GROUP_SIZE && open[1 + GROUP_SIZE] == ']')
			return true;
		line = view_skip(line, (size_t)(open - line.bytes) + 1);
	}
	return false;
}

/* [plan  ][27034.00]   plan 'a.example.' type 'A' */
static int parse_knot(const struct log_kind *kind, struct log_state *state, struct view line,
                      struct log_record *ret)
{
	struct view before, after;
	(void)kind;
	(void)state;
	if (!has_knot_group(line))
		return ERR_MALFORMED;
	if (!log_cut(line, "[plan  ]", &before, &after) ||
	    !log_cut(after, "plan '", &before, &after))
		return LOG_SILENT;
	log_syslog_time(line, ret);
	log_record_set(ret, LOG_HOST, view_split(&after, '\''));
	return OK;
}

/* (4)chat(7)example(0) -> chat.example, in place of the line's own bytes */
static struct view undo_lengths(struct log_state *state, struct view counted)
{
	uint8_t *room = log_state_room(state, counted.size + 1);
	size_t size = 0;
	if (!room)
		return (struct view){0};
	while (counted.size) {
		if (counted.bytes[0] != '(') {
			room[size++] = counted.bytes[0];
			counted = view_skip(counted, 1);
			continue;
		}
		(void)view_split(&counted, ')');
		if (size && counted.size)
			room[size++] = '.';
	}
	return view_of(room, size);
}

/* As the server's language has it: by a clock of 12 hours the month is first, else the day, or the year. */
static void set_windows_time(struct view text, struct log_record *ret)
{
	static const char *const formats[] = {"%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %H:%M:%S",
	                                      "%d/%m/%Y %I:%M:%S %p"};
	text = view_trim(text);
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (log_time_parse_by(formats[i], text, 0, &ret->at_us) == OK)
			return;
	}
	log_record_set(ret, LOG_TIME, text);
}

/* 1/15/2026 10:00:00 AM 0E3C PACKET 000001D2 UDP Rcv 10.0.0.1 0002   Q [0001   D   NOERROR] A      (1)a(7)example(0) */
static int parse_windows(const struct log_kind *kind, struct log_state *state, struct view line,
                         struct log_record *ret)
{
	struct view before, after, words[WORDS_MAX];
	(void)kind;
	if (line.bytes[0] < ' ' && line.bytes[0] != '\t')
		return ERR_MALFORMED;
	/* the file begins with text; what is logged begins with its date */
	if (line.bytes[0] < '0' || line.bytes[0] > '9' || log_has(line, " EVENT "))
		return LOG_SILENT;
	if (!log_cut(line, " PACKET ", &before, &after))
		return ERR_MALFORMED;
	size_t count = log_words(after, words, WORDS_MAX), way = 0;
	while (way < count && !view_is(words[way], "Rcv") && !view_is(words[way], "Snd"))
		way++;
	if (way + 4 > count || words[count - 1].bytes[0] != '(')
		return ERR_MALFORMED;
	/* answers, updates and notifications, and what the server itself asks others */
	if (view_is(words[way], "Snd") || !view_is(words[way + 3], "Q"))
		return LOG_SILENT;
	const uint8_t *thread = before.size ? memrchr(before.bytes, ' ', before.size) : NULL;
	struct address client;
	set_windows_time(view_of(before.bytes, thread ? (size_t)(thread - before.bytes) : 0), ret);
	if (address_parse(words[way + 1], &client) < 0)
		return ERR_MALFORMED;
	log_record_set(ret, LOG_CLIENT, words[way + 1]);
	log_record_set(ret, LOG_HOST, undo_lengths(state, words[count - 1]));
	return OK;
}

#define RESOLVER(symbol, mark_bits, function, certainty, replies) \
	static const struct log_kind symbol = {                   \
		.dialect = {mark_bits, false},                    \
		.parse = function,                                \
		.sure = certainty,                                \
		.has_replies = replies,                           \
	};                                                        \
	LOG_FORMAT(symbol, symbol)

RESOLVER(bind, 0, parse_bind, 80, false)
RESOLVER(unbound, 0, parse_unbound, 90, true)
RESOLVER(dnsmasq, 0, parse_dnsmasq, 90, false)
RESOLVER(knot, 0, parse_knot, 85, false)
RESOLVER(windows_dns, LINE_ENDS_COUNTED, parse_windows, 90, false)
