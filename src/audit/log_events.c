/* log_events.c - CEF and LEEF, which many products send to a collector.
 *
 * Source: ArcSight, "Common Event Format"; IBM QRadar, "Log Event Extended Format". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

static const struct log_key cef_keys[] = {
	{"rt", LOG_TIME},         {"end", LOG_TIME},
	{"start", LOG_TIME},      {"src", LOG_CLIENT},
	{"shost", LOG_NOTHING},   {"suser", LOG_USER},
	{"duser", LOG_USER},      {"request", LOG_URL},
	{"dhost", LOG_HOST},      {"destinationDnsDomain", LOG_HOST},
	{"dst", LOG_DESTINATION}, {"out", LOG_UP},
	{"in", LOG_DOWN},         {0}};
static const struct log_key leef_keys[] = {
	{"devTime", LOG_TIME},     {"src", LOG_CLIENT},     {"usrName", LOG_USER},
	{"url", LOG_URL},          {"domain", LOG_NOTHING}, {"dstHost", LOG_HOST},
	{"dstHostName", LOG_HOST}, {"hostname", LOG_HOST},  {"dst", LOG_DESTINATION},
	{"srcBytes", LOG_UP},      {"dstBytes", LOG_DOWN},  {0}};

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
	struct view before, rest;
	if (!log_cut(line, "CEF:", &before, &rest) || !skip_bars(&rest, 7))
		return ERR_MALFORMED;
	state->separator = 0;
	int code = log_pairs_greedy_parse(kind, state, rest, ret);
	log_syslog_time(line, ret);
	return code;
}

/* LEEF 2.0 names its separator, as itself or as x09. */
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
		struct view named = view_split(&rest, '|');
		if (named.size == 1)
			state->separator = named.bytes[0];
	}
	int code = log_pairs_greedy_parse(kind, state, rest, ret);
	log_syslog_time(line, ret);
	return code;
}

static const struct log_kind cef = {.name = "cef",
                                    .dialect = {LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, true},
                                    .keys = cef_keys,
                                    .parse = parse_cef,
                                    .sure = 95};
static const struct log_kind leef = {.name = "leef",
                                     .dialect = {LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, true},
                                     .keys = leef_keys,
                                     .parse = parse_leef,
                                     .sure = 95};
LOG_FORMAT(cef, cef)
LOG_FORMAT(leef, leef)
