/* log_firewall.c - firewalls and gateways: FortiGate, SonicWall, Palo Alto, Cisco ASA and FTD, Check Point, Zscaler.
 *
 * Source: FortiOS Log Message Reference; SonicOS Log Events Reference; PAN-OS, "Traffic/Threat Log Fields"; Cisco,
 *         "ASA Series Syslog Messages" and "Threat Defense Syslog Messages"; Check Point, "Log Exporter"; Zscaler,
 *         "NSS Feed Output Format: Web Logs". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

static const struct log_key fortigate_keys[] = {
	{"eventtime", LOG_TIME}, {"date", LOG_DATE},         {"time", LOG_CLOCK},
	{"srcip", LOG_CLIENT},   {"dstip", LOG_DESTINATION}, {"user", LOG_USER},
	{"hostname", LOG_HOST},  {"qname", LOG_HOST},        {"url", LOG_URL},
	{"sentbyte", LOG_UP},    {"rcvdbyte", LOG_DOWN},     {0}};
static const char *const fortigate_needs[] = {"devid", "logid", "type", NULL};
static const struct log_key sonicwall_keys[] = {{"time", LOG_TIME},       {"src", LOG_CLIENT},
                                                {"dst", LOG_DESTINATION}, {"usr", LOG_USER},
                                                {"user", LOG_USER},       {"dstname", LOG_HOST},
                                                {"arg", LOG_URL},         {"sent", LOG_UP},
                                                {"rcvd", LOG_DOWN},       {0}};
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
                                                 {"sent_bytes", LOG_UP},
                                                 {"received_bytes", LOG_DOWN},
                                                 {0}};
static const char *const checkpoint_needs[] = {"src", "product", NULL};
static const struct log_key zscaler_keys[] = {{"time", LOG_TIME},
                                              {"datetime", LOG_TIME},
                                              {"ClientIP", LOG_CLIENT},
                                              {"user", LOG_USER},
                                              {"login", LOG_USER},
                                              {"hostname", LOG_HOST},
                                              {"url", LOG_URL},
                                              {"serverip", LOG_DESTINATION},
                                              {"requestsize", LOG_UP},
                                              {"responsesize", LOG_DOWN},
                                              {0}};

/* eventtime has the zone in it; date and time are the firewall's own. */
static int parse_fortigate(const struct log_kind *kind, struct log_state *state, struct view line,
                           struct log_record *ret)
{
	return log_pairs_parse(kind, state, line, ret);
}

/* time="..."<TAB>key=value<TAB>..., or the time as the first column */
static int parse_zscaler(const struct log_kind *kind, struct log_state *state, struct view line,
                         struct log_record *ret)
{
	struct view first, rest = line, before, after;
	if (!log_cut(line, "\turl=", &before, &after) ||
	    !log_cut(line, "\taction=", &before, &after))
		return ERR_MALFORMED;
	(void)log_column_next(&rest, '\t', &first);
	log_record_set(ret, LOG_TIME, first);
	state->separator = '\t';
	return log_pairs_greedy_parse(kind, state, line, ret);
}

struct place {
	uint8_t column, field;
};

static int set_columns(struct view line, const struct place *places, struct log_record *ret)
{
	struct view value;
	for (unsigned at = 0; log_column_next(&line, ',', &value); at++) {
		for (const struct place *p = places; p->field; p++) {
			if (p->column == at)
				log_record_set(ret, p->field, value);
		}
	}
	return OK;
}

static int parse_paloalto(const struct log_kind *kind, struct log_state *state, struct view line,
                          struct log_record *ret)
{
	static const struct place traffic[] = {{6, LOG_TIME},
	                                       {7, LOG_CLIENT},
	                                       {8, LOG_DESTINATION},
	                                       {12, LOG_USER},
	                                       {32, LOG_UP},
	                                       {33, LOG_DOWN},
	                                       {0}};
	static const struct place threat[] = {{6, LOG_TIME},  {7, LOG_CLIENT}, {8, LOG_DESTINATION},
	                                      {12, LOG_USER}, {31, LOG_URL},   {0}};
	struct view rest = line, column[5];
	(void)kind;
	(void)state;
	for (int i = 0; i < 5; i++) {
		if (!log_column_next(&rest, ',', &column[i]))
			return ERR_MALFORMED;
	}
	if (view_is(column[3], "TRAFFIC"))
		return set_columns(line, traffic, ret);
	if (view_is(column[3], "THREAT") &&
	    (view_is(column[4], "url") || view_is(column[4], "spyware")))
		return set_columns(line, threat, ret);
	return view_is(column[3], "THREAT") || view_is(column[3], "SYSTEM") ||
	                       view_is(column[3], "CONFIG")
	               ? LOG_SILENT
	               : ERR_MALFORMED;
}

/* What follows a mark, up to a blank. */
static void set_after(struct view text, const char *mark, enum log_field field, const char *ends,
                      struct log_record *ret)
{
	struct view before, value;
	size_t size = 0;
	if (!log_cut(text, mark, &before, &value))
		return;
	while (size < value.size && !strchr(ends, value.bytes[size]))
		size++;
	log_record_set(ret, field, view_of(value.bytes, size));
}

/* 304001: user@10.0.0.1 Accessed URL 192.0.2.1:http://host/path */
static int parse_accessed(struct view text, struct view after, struct log_record *ret)
{
	struct view who, word = {0}, rest = text;
	while (log_word_next(&rest, &who) && !view_is(who, "Accessed"))
		word = who;
	const uint8_t *at = word.size ? memrchr(word.bytes, '@', word.size) : NULL;
	if (at)
		log_record_set(ret, LOG_USER, view_of(word.bytes, (size_t)(at - word.bytes)));
	log_record_set(ret, LOG_CLIENT, at ? view_skip(word, (size_t)(at - word.bytes) + 1) : word);
	log_record_set(ret, LOG_DESTINATION, view_split(&after, ':'));
	log_record_set(ret, LOG_URL, after);
	return OK;
}

/* 302013 to 302016: ... for outside:192.0.2.1/443 ... to inside:10.0.0.1/5555 ... bytes 1234 */
static int parse_connection(struct view text, struct log_record *ret)
{
	struct view before, far, near;
	if (!log_cut(text, " for ", &before, &far) || !log_cut(far, " to ", &far, &near))
		return LOG_SILENT;
	(void)view_split(&far, ':');
	(void)view_split(&near, ':');
	struct view address;
	if (log_word_next(&far, &address))
		log_record_set(ret, LOG_DESTINATION, view_split(&address, '/'));
	if (log_word_next(&near, &address))
		log_record_set(ret, LOG_CLIENT, view_split(&address, '/'));
	set_after(near, " bytes ", LOG_DOWN, " ", ret);
	return OK;
}

static int parse_asa(const struct log_kind *kind, struct log_state *state, struct view line,
                     struct log_record *ret)
{
	struct view when, text, before, after;
	(void)kind;
	(void)state;
	if (!log_cut(line, "%ASA-", &when, &text) && !log_cut(line, "%FTD-", &when, &text))
		return ERR_MALFORMED;
	log_syslog_time(when, ret);
	if (when.size && ret->at_us == TIME_MIN) {
		/* Jan 15 2026 10:00:00 host : */
		struct view stamp = when;
		if (stamp.bytes[0] == '<')
			(void)view_split(&stamp, '>');
		stamp.size = stamp.size < 20 ? stamp.size : 20;
		log_record_set(ret, LOG_TIME, stamp);
	}
	if (log_cut(text, " Accessed URL ", &before, &after))
		return parse_accessed(before, after, ret);
	if (log_cut(text, "-430002:", &before, &after) ||
	    log_cut(text, "-430003:", &before, &after)) {
		set_after(after, "SrcIP: ", LOG_CLIENT, ",", ret);
		set_after(after, "DstIP: ", LOG_DESTINATION, ",", ret);
		set_after(after, " User: ", LOG_USER, ",", ret);
		set_after(after, " URL: ", LOG_URL, ",", ret);
		set_after(after, "DNSQuery: ", LOG_HOST, ",", ret);
		set_after(after, "InitiatorBytes: ", LOG_UP, ",", ret);
		set_after(after, "ResponderBytes: ", LOG_DOWN, ",", ret);
		return OK;
	}
	if (log_cut(text, " outbound ", &before, &after) ||
	    log_cut(text, "Teardown ", &before, &after))
		return parse_connection(text, ret);
	return LOG_SILENT;
}

/* src=10.0.0.1; or src:"10.0.0.1"; as an exporter is set */
static int parse_checkpoint(const struct log_kind *kind, struct log_state *state, struct view line,
                            struct log_record *ret)
{
	struct log_kind other = *kind;
	int code = log_pairs_parse(kind, state, line, ret);
	if (code == OK)
		return code;
	*ret = log_record_none();
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

/* The names of columns changed with nfdump 1.7. */
static int parse_nfdump(const struct log_kind *kind, struct log_state *state, struct view line,
                        struct log_record *ret)
{
	struct log_kind newer = *kind;
	struct view before, after;
	newer.needs = nfdump_new_needs;
	if (log_cut(line, "Summary", &before, &after) && before.size == 0)
		return LOG_SILENT;
	int code = log_table_parse(kind, state, line, ret);
	return code < 0 && state->column_count == 0 ? log_table_parse(&newer, state, line, ret)
	                                            : code;
}

#define FIREWALL(symbol, title, mark_bits, key_rows, function, certainty, need_rows, assign_char, \
                 part)                                                                            \
	static const struct log_kind symbol = {.name = title,                                     \
	                                       .dialect = {mark_bits, true},                      \
	                                       .keys = key_rows,                                  \
	                                       .parse = function,                                 \
	                                       .sure = certainty,                                 \
	                                       .needs = need_rows,                                \
	                                       .separator = part,                                 \
	                                       .assign = assign_char};                            \
	LOG_FORMAT(symbol, symbol)

FIREWALL(fortigate, "fortigate", LINE_ENDS_PERCENT, fortigate_keys, parse_fortigate, 90,
         fortigate_needs, '=', 0)
FIREWALL(sonicwall, "sonicwall", LINE_ENDS_PERCENT, sonicwall_keys, log_pairs_parse, 88,
         sonicwall_needs, '=', 0)
FIREWALL(paloalto, "paloalto", LINE_ENDS_PERCENT, NULL, parse_paloalto, 90, NULL, 0, ',')
FIREWALL(asa, "cisco-asa", LINE_ENDS_PERCENT, NULL, parse_asa, 95, NULL, 0, 0)
FIREWALL(checkpoint, "checkpoint", LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, checkpoint_keys,
         parse_checkpoint, 70, checkpoint_needs, '=', 0)
FIREWALL(zscaler, "zscaler", LINE_ENDS_PERCENT, zscaler_keys, parse_zscaler, 85, NULL, '=', '\t')
FIREWALL(nfdump, "nfdump", 0, nfdump_keys, parse_nfdump, 90, nfdump_needs, 0, ',')
