/* log_events.c - CEF and LEEF, which many products send to a collector.
 *
 * Source: ArcSight, "Common Event Format"; IBM QRadar, "Log Event Extended Format"; FortiOS Log Message Reference, "CEF
 *         support". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

static const struct log_key cef_keys[] = {{"rt", LOG_TIME},
                                          {"end", LOG_TIME},
                                          {"start", LOG_TIME},
                                          {"src", LOG_CLIENT},
                                          {"suser", LOG_USER},
                                          {"duser", LOG_USER},
                                          {"request", LOG_URL},
                                          {"dhost", LOG_HOST},
                                          {"dst", LOG_DESTINATION},
                                          {"destinationDnsDomain", LOG_HOST},
                                          {"out", LOG_UP},
                                          {"in", LOG_DOWN},
                                          {"FTNTFGTeventtime", LOG_TIME},
                                          {"FTNTFGTqname", LOG_HOST},
                                          {"FTNTFGTsentdelta", LOG_UP_SINCE},
                                          {"FTNTFGTrcvddelta", LOG_DOWN_SINCE},
                                          {0}};
static const struct log_key leef_keys[] = {{"devTime", LOG_TIME},
                                           {"src", LOG_CLIENT},
                                           {"usrName", LOG_USER},
                                           {"url", LOG_URL},
                                           {"dstHost", LOG_HOST},
                                           {"dstHostName", LOG_HOST},
                                           {"hostname", LOG_HOST},
                                           {"dst", LOG_DESTINATION},
                                           {"srcBytes", LOG_UP},
                                           {"dstBytes", LOG_DOWN},
                                           {"Miscellaneous", LOG_URL}, /* Palo Alto's */
                                           {0}};

/* Behind so many bars the extension begins. */
static bool skip_bars(struct view *rest, unsigned count)
{
	for (size_t i = 0; i < rest->size && count; i++) {
		if (rest->bytes[i] == '\\') {
			i++;
		} else if (rest->bytes[i] == '|' && --count == 0) {
			*rest = view_skip(*rest, i + 1);
			return true;
		}
	}
	return false;
}

static int parse_cef(const struct log_kind *kind, struct log_state *state, struct view line,
                     struct log_record *ret)
{
	struct view before, after, rest;
	if (!log_cut(line, "CEF:", &before, &rest) || !skip_bars(&rest, 7))
		return ERR_MALFORMED;
	state->separator = 0;
	int code = log_pairs_greedy_parse(kind, state, rest, ret);
	log_syslog_time(line, ret);
	if (!log_cut(rest, " FTNTFGTqname=", &before, &after))
		return code;
	/* the resolver that was asked is no place that was visited */
	ret->destination = (struct view){0};
	return code == OK && log_is_second(state, before) ? LOG_SILENT : code;
}

static int hex_of(uint8_t c)
{
	return c >= '0' && c <= '9'                     ? c - '0'
	       : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
	                                                : -1;
}

/* ^, or x5E, or 0x5E; or nothing, for a tab */
static uint8_t separator_of(struct view named)
{
	if (named.size == 1)
		return named.bytes[0];
	if (named.size && named.bytes[0] == '0')
		named = view_skip(named, 1);
	if (named.size < 2 || named.size > 3 || (named.bytes[0] | 0x20) != 'x')
		return '\t';
	int code = hex_of(named.bytes[1]);
	if (named.size == 3 && code >= 0)
		code = hex_of(named.bytes[2]) < 0 ? -1 : code * 16 + hex_of(named.bytes[2]);
	return code > 0 ? (uint8_t)code : '\t';
}

/* LEEF 2.0 names its separator. */
static int parse_leef(const struct log_kind *kind, struct log_state *state, struct view line,
                      struct log_record *ret)
{
	struct view before, rest;
	if (!log_cut(line, "LEEF:", &before, &rest) || rest.size == 0)
		return ERR_MALFORMED;
	bool is_two = rest.bytes[0] == '2';
	state->separator = '\t';
	if (!skip_bars(&rest, 5))
		return ERR_MALFORMED;
	const uint8_t *bar =
		is_two && rest.size ? memchr(rest.bytes, '|', rest.size < 6 ? rest.size : 6) : NULL;
	if (bar) {
		state->separator = separator_of(view_split(&rest, '|'));
	}
	int code = log_pairs_greedy_parse(kind, state, rest, ret);
	log_syslog_time(line, ret);
	return code;
}

static const struct log_kind cef = {.dialect = {LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, true},
                                    .keys = cef_keys,
                                    .parse = parse_cef,
                                    .sure = 95,
                                    .has_replies = true};
static const struct log_kind leef = {.dialect = {LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, true},
                                     .keys = leef_keys,
                                     .parse = parse_leef,
                                     .sure = 95};
LOG_FORMAT(cef, cef)
LOG_FORMAT(leef, leef)
