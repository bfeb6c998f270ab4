/* log_zscaler.c - feeds of Zscaler's NSS: web, DNS and firewall, in the forms that it offers for them.
 *
 * What:    key=value between tabs, JSON, and for the web the columns of its default feed. What is sent as CEF or LEEF is
 *          log_events.c's.
 * Source:  Zscaler, "NSS Feed Output Format: Web Logs", "... DNS Logs", "... Firewall Logs". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"
#include "audit/log_json.h"

#define WEB_KEYS(prefix)                                                                           \
	{prefix "time", LOG_TIME}, {prefix "datetime", LOG_TIME}, {prefix "ClientIP", LOG_CLIENT}, \
		{prefix "cip", LOG_CLIENT}, {prefix "user", LOG_USER}, {prefix "login", LOG_USER}, \
		{prefix "hostname", LOG_HOST}, {prefix "host", LOG_HOST},                          \
		{prefix "ehost", LOG_HOST}, {prefix "url", LOG_URL}, {prefix "eurl", LOG_URL},     \
		{prefix "serverip", LOG_DESTINATION}, {prefix "sip", LOG_DESTINATION},             \
		{prefix "requestsize", LOG_UP}, {prefix "reqsize", LOG_UP},                        \
		{prefix "responsesize", LOG_DOWN},                                                 \
	{                                                                                          \
		prefix "respsize", LOG_DOWN                                                        \
	}
/* the address that a query went to is a resolver's */
#define DNS_KEYS(prefix)                     \
	{prefix "dns_req", LOG_HOST},        \
	{                                    \
		prefix "clt_sip", LOG_CLIENT \
	}
#define FIREWALL_KEYS(prefix)                                             \
	{prefix "csip", LOG_CLIENT}, {prefix "cdip", LOG_DESTINATION},    \
		{prefix "cdfqdn", LOG_HOST}, {prefix "outbytes", LOG_UP}, \
	{                                                                 \
		prefix "inbytes", LOG_DOWN                                \
	}

static const struct log_key pair_keys[] = {WEB_KEYS(""), DNS_KEYS(""), FIREWALL_KEYS(""), {0}};
static const struct log_key json_keys[] = {
	WEB_KEYS("event."), DNS_KEYS("event."), FIREWALL_KEYS("event."), {0}};
static const char *const json_needs[] = {"sourcetype", NULL};
static const struct log_kind as_json = {
	.keys = json_keys, .parse = log_json_parse, .needs = json_needs};

/* {"sourcetype":"zscalernss-web","event":{...}} */
static int parse_json(struct log_state *state, struct view line, struct log_record *ret)
{
	if (!log_has(line, "\"zscalernss-"))
		return ERR_MALFORMED;
	int code = log_json_parse(&as_json, state, line, ret);
	return code == LOG_SILENT ? ERR_MALFORMED : code;
}

/* time<TAB>key=value<TAB>..., or with the time as one of them */
static int parse_pairs(const struct log_kind *kind, struct log_state *state, struct view line,
                       struct log_record *ret)
{
	struct view first, rest = line;
	bool is_web = log_has(line, "\turl=") && log_has(line, "\taction=");
	if (!is_web && !log_has(line, "\tdns_req=") &&
	    !(log_has(line, "\tcsip=") && log_has(line, "\tcdip=")))
		return ERR_MALFORMED;
	(void)log_column_next(&rest, '\t', &first);
	log_record_set(ret, LOG_TIME, first);
	state->separator = '\t';
	return log_pairs_greedy_parse(kind, state, line, ret);
}

/* "Thu Jan 15 10:00:00 2026","anna@body.example","HTTPS","host/path","Allowed",... */
static int parse_columns(struct view line, struct log_record *ret)
{
	enum { COLUMNS_MIN = 30, ACTION_COLUMN = 4 };
	static const uint8_t fields[] = {
		[0] = LOG_TIME, [1] = LOG_USER,    [3] = LOG_URL,         [7] = LOG_UP,
		[8] = LOG_DOWN, [21] = LOG_CLIENT, [22] = LOG_DESTINATION};
	struct view value;
	size_t at = 0;
	bool has_action = false;
	for (; log_column_next(&line, ',', &value); at++) {
		if (at == ACTION_COLUMN)
			has_action = view_is(value, "Allowed") || view_is(value, "Blocked");
		if (at < sizeof(fields))
			log_record_set(ret, fields[at], value);
	}
	return at >= COLUMNS_MIN && has_action && ret->at_us != TIME_MIN ? OK : ERR_MALFORMED;
}

static int parse_zscaler(const struct log_kind *kind, struct log_state *state, struct view line,
                         struct log_record *ret)
{
	line = log_syslog_text(line);
	if (line.size && line.bytes[0] == '<')
		(void)view_split(&line, '>');
	if (line.size == 0)
		return ERR_MALFORMED;
	if (line.bytes[0] == '{')
		return parse_json(state, line, ret);
	if (line.bytes[0] == '"')
		return parse_columns(line, ret);
	return parse_pairs(kind, state, line, ret);
}

static const struct log_kind zscaler = {.dialect = {LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, true},
                                        .keys = pair_keys,
                                        .parse = parse_zscaler,
                                        .sure = 85};
LOG_FORMAT(zscaler, zscaler)
