/* log_firewall.c - firewalls that write keys with values: FortiGate, SonicWall, Check Point; and nfdump's flows.
 *
 * Source: FortiOS Log Message Reference and Administration Guide, "Log fields for long-live sessions"; SonicOS Log
 *         Events Reference; Check Point, "Log Exporter" (syslog, splunk and generic forms) and "LEA Fields"; nfdump(1). */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

static const struct log_key fortigate_keys[] = {{"eventtime", LOG_TIME},
                                                {"date", LOG_DATE},
                                                {"time", LOG_CLOCK},
                                                {"tz", LOG_ZONE},
                                                {"srcip", LOG_CLIENT},
                                                {"dstip", LOG_DESTINATION},
                                                {"user", LOG_USER},
                                                {"unauthuser", LOG_USER},
                                                {"hostname", LOG_HOST},
                                                {"qname", LOG_HOST},
                                                {"sni", LOG_HOST},
                                                {"url", LOG_URL},
                                                {"sentbyte", LOG_UP},
                                                {"rcvdbyte", LOG_DOWN},
                                                {"sentdelta", LOG_UP_SINCE},
                                                {"rcvddelta", LOG_DOWN_SINCE},
                                                {0}};
/* Of which firewall they are stands only in what is sent, not in what is shown or downloaded there. */
static const char *const fortigate_needs[] = {"logid", "type", "subtype", NULL};
/* where an address is of IPv6, src and dst have the ports alone, behind it */
static const struct log_key sonicwall_keys[] = {
	{"time", LOG_TIME},         {"srcV6", LOG_CLIENT},    {"src", LOG_CLIENT},
	{"dstV6", LOG_DESTINATION}, {"dst", LOG_DESTINATION}, {"usr", LOG_USER},
	{"user", LOG_USER},         {"dstname", LOG_HOST},    {"arg", LOG_URL},
	{"sent", LOG_UP},           {"rcvd", LOG_DOWN},       {0}};
static const char *const sonicwall_needs[] = {"sn", "fw", "pri", NULL};
static const struct log_key checkpoint_keys[] = {{"time", LOG_TIME},
                                                 {"src", LOG_CLIENT},
                                                 {"dst", LOG_DESTINATION},
                                                 {"src_user_name", LOG_USER},
                                                 {"user", LOG_USER},
                                                 {"resource", LOG_URL},
                                                 {"sni", LOG_HOST},
                                                 {"tls_server_host_name", LOG_HOST},
                                                 {"domain_name", LOG_HOST},
                                                 {"http_host", LOG_HOST},
                                                 {"sent_bytes", LOG_UP},
                                                 {"received_bytes", LOG_DOWN},
                                                 {0}};
static const char *const checkpoint_needs[] = {"product", NULL};

/* eventtime has the zone in it; date and time are the firewall's own, of tz. */
static int parse_fortigate(const struct log_kind *kind, struct log_state *state, struct view line,
                           struct log_record *ret)
{
	struct view before, after;
	int code = log_pairs_parse(kind, state, line, ret);
	if (!log_cut(line, " qname=", &before, &after) &&
	    !log_cut(line, ",qname=", &before, &after))
		return code;
	/* the resolver that was asked is no place that was visited */
	ret->destination = (struct view){0};
	return code == OK && log_is_second(state, before) ? LOG_SILENT : code;
}

/* product:"..."; or product="..." between blanks, or product=...| with blanks in values: as an exporter is set. All have
 * where a line comes from, which a log server may have shortened. */
static int parse_checkpoint(const struct log_kind *kind, struct log_state *state, struct view line,
                            struct log_record *ret)
{
	struct log_kind other = *kind;
	if (!log_has(line, "product") || !(log_has(line, "origin") || log_has(line, "orig=")))
		return ERR_MALFORMED;
	if (log_has(line, "|product=")) {
		state->separator = '|';
		return log_pairs_greedy_parse(kind, state, line, ret);
	}
	/* a tag of the policy may have product=... in it */
	if (log_has(line, "product:\""))
		other.assign = ':';
	return log_pairs_parse(&other, state, line, ret);
}

static const struct log_key nfdump_keys[] = {{"ts", LOG_TIME},        {"firstSeen", LOG_TIME},
                                             {"sa", LOG_CLIENT},      {"srcAddr", LOG_CLIENT},
                                             {"da", LOG_DESTINATION}, {"dstAddr", LOG_DESTINATION},
                                             {"ibyt", LOG_UP},        {"obyt", LOG_DOWN},
                                             {"bytes", LOG_UP},       {0}};
static const char *const nfdump_needs[] = {"ts", "sa", "da", NULL};
static const char *const nfdump_new_needs[] = {"firstSeen", "srcAddr", "dstAddr", NULL};

/* Behind the flows follows a summary, with a header of its own; behind that may follow the flows of another run. The names
 * of columns changed with nfdump 1.7. */
static int parse_nfdump(const struct log_kind *kind, struct log_state *state, struct view line,
                        struct log_record *ret)
{
	struct log_kind newer = *kind;
	bool *in_summary = &state->columns.in_summary;
	newer.needs = nfdump_new_needs;
	if (log_table_take_header(kind, state, line) ||
	    log_table_take_header(&newer, state, line)) {
		*in_summary = false;
		return LOG_SILENT;
	}
	*in_summary |= view_starts_with(line, view_text("Summary"));
	if (*in_summary || view_starts_with(line, view_text("No matching flows")))
		return LOG_SILENT;
	return log_table_parse(kind, state, line, ret);
}

/* Flows begin with a time, so with a digit; headers and the summary with a letter. */
static const uint8_t *find_nfdump_header(const struct log_kind *kind, const struct log_columns *now,
                                         struct view run)
{
	(void)kind;
	(void)now;
	while (run.size) {
		if ((run.bytes[0] | 0x20) >= 'a' && (run.bytes[0] | 0x20) <= 'z')
			return run.bytes;
		(void)view_split(&run, '\n');
	}
	return NULL;
}

#define FIREWALL(symbol, mark_bits, key_rows, function, certainty, replies, need_rows) \
	static const struct log_kind symbol = {.dialect = {mark_bits, true},           \
	                                       .keys = key_rows,                       \
	                                       .parse = function,                      \
	                                       .sure = certainty,                      \
	                                       .has_replies = replies,                 \
	                                       .needs = need_rows,                     \
	                                       .assign = '='};                         \
	LOG_FORMAT(symbol, symbol)

FIREWALL(fortigate, LINE_ENDS_PERCENT, fortigate_keys, parse_fortigate, 90, true, fortigate_needs)
FIREWALL(sonicwall, LINE_ENDS_PERCENT, sonicwall_keys, log_pairs_parse, 88, false, sonicwall_needs)
FIREWALL(checkpoint, LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, checkpoint_keys, parse_checkpoint, 70,
         false, checkpoint_needs)
static const struct log_kind nfdump = {.dialect = {0, true},
                                       .keys = nfdump_keys,
                                       .parse = parse_nfdump,
                                       .find_header = find_nfdump_header,
                                       .sure = 90,
                                       .needs = nfdump_needs,
                                       .separator = ','};
LOG_FORMAT(nfdump, nfdump)
