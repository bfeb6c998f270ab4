/* log_eve.c - Suricata's EVE and AdGuard Home's query log: JSON.
 *
 * Source: Suricata user guide, "EVE JSON Format" (dns of versions 2 and 3, tls, http, quic, flow);
 *         AdGuard Home, internal/querylog. */
#include "audit/log_fields.h"
#include "audit/log_formats.h"
#include "audit/log_json.h"

static const struct log_key eve_keys[] = {{"timestamp", LOG_TIME},
                                          {"src_ip", LOG_CLIENT},
                                          {"dest_ip", LOG_DESTINATION},
                                          {"dns.rrname", LOG_HOST},
                                          {"dns.queries.rrname", LOG_HOST},
                                          {"dns.query.rrname", LOG_HOST},
                                          {"tls.sni", LOG_HOST},
                                          {"quic.sni", LOG_HOST},
                                          {"http.hostname", LOG_HOST},
                                          {"http.url", LOG_URL},
                                          {"http.http_user", LOG_USER},
                                          {"flow.bytes_toserver", LOG_UP},
                                          {"flow.bytes_toclient", LOG_DOWN},
                                          {0}};
static const char *const eve_needs[] = {"timestamp", "event_type", "src_ip", NULL};

static const struct log_key adguard_keys[] = {
	{"T", LOG_TIME}, {"QH", LOG_HOST}, {"IP", LOG_CLIENT}, {"CID", LOG_USER}, {0}};
static const char *const adguard_needs[] = {"T", "QH", "QT", "IP", NULL};

/* The resolver that a query went to is no place that was visited. */
static int parse_eve(const struct log_kind *kind, struct log_state *state, struct view line,
                     struct log_record *ret)
{
	int code = log_json_parse(kind, state, line, ret);
	struct view before, after;
	if (code == OK && log_cut(line, "\"event_type\"", &before, &after) &&
	    log_cut(view_of(after.bytes, after.size < 12 ? after.size : 12), "\"dns\"", &before,
	            &after))
		ret->destination = (struct view){0};
	return code;
}

static const struct log_kind eve = {.name = "eve",
                                    .dialect = {LINE_ENDS_BACKSLASH | LINE_ENDS_PERCENT, true},
                                    .keys = eve_keys,
                                    .parse = parse_eve,
                                    .sure = 95,
                                    .needs = eve_needs};
static const struct log_kind adguard = {.name = "adguard",
                                        .dialect = {LINE_ENDS_BACKSLASH, false},
                                        .keys = adguard_keys,
                                        .parse = log_json_parse,
                                        .sure = 95,
                                        .needs = adguard_needs};
LOG_FORMAT(eve, eve)
LOG_FORMAT(adguard, adguard)
