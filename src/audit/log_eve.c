/* log_eve.c - Suricata's EVE and AdGuard Home's query log: JSON.
 *
 * Source: Suricata user guide, "EVE JSON Format" (dns of versions 1 to 3, tls, http, quic, flow, alert, fileinfo,
 *         netflow), and src/output-json*.c for who is where the source and for the names of certificates, which are
 *         those of the server (`subjectaltname` from version 8 on);
 *         AdGuard Home, internal/querylog. */
#include "audit/log_fields.h"
#include "audit/log_formats.h"
#include "audit/log_json.h"
#include "audit/log_time.h"
#include "base/decimal.h"

static const struct log_key eve_keys[] = {{"timestamp", LOG_TIME},
                                          {"src_ip", LOG_CLIENT},
                                          {"dest_ip", LOG_DESTINATION},
                                          {"tls.sni", LOG_HOST},
                                          {"tls.subject", LOG_SUBJECT},
                                          {"tls.subjectaltname", LOG_CERTIFICATE},
                                          {"quic.sni", LOG_HOST},
                                          /* of HTTP/2, where the host is only what stands there */
                                          {"http.request_headers.:authority", LOG_HOST},
                                          {"http.hostname", LOG_HOST},
                                          {"http.url", LOG_URL},
                                          {"http.http_user", LOG_USER},
                                          {"dns.rrname", LOG_HOST},
                                          {"dns.queries.rrname", LOG_HOST},
                                          {"dns.query.rrname", LOG_HOST},
                                          {"dns.answer.rrname", LOG_HOST},
                                          {"flow.bytes_toserver", LOG_UP},
                                          {"flow.bytes_toclient", LOG_DOWN},
                                          {"netflow.bytes", LOG_UP},
                                          {"flow.start", LOG_DATE},
                                          {"netflow.start", LOG_DATE},
                                          {"direction", LOG_ACTION},
                                          {0}};
/* The resolver that a query went to is no place that was visited; of DNS over HTTPS it has a host and a path, too. */
static const struct log_key dns_keys[] = {
	{"timestamp", LOG_TIME},          {"src_ip", LOG_CLIENT},
	{"dest_ip", LOG_DESTINATION},     {"dns.type", LOG_ACTION},
	{"dns.rrname", LOG_HOST},         {"dns.queries.rrname", LOG_HOST},
	{"dns.answers.rdata", LOG_ALIAS}, {"dns.rdata", LOG_ALIAS},
	{"dns.grouped.CNAME", LOG_ALIAS}, {0}};
static const char *const eve_needs[] = {"timestamp", "event_type", "src_ip", NULL};
static const struct log_kind as_dns = {.keys = dns_keys, .needs = eve_needs};

static const struct log_key adguard_keys[] = {
	{"T", LOG_TIME}, {"QH", LOG_HOST}, {"IP", LOG_CLIENT}, {"CID", LOG_USER}, {0}};
static const char *const adguard_needs[] = {"T", "QH", "QT", "IP", NULL};

static bool is_event(struct view line, const char *type)
{
	enum { NEAR = 16 };
	struct view before, after;
	if (!log_cut(line, "\"event_type\"", &before, &after))
		return false;
	after.size = after.size < NEAR ? after.size : NEAR;
	return log_has(after, type);
}

static uint64_t port_of(struct view line, const char *key)
{
	struct view before, after;
	uint64_t port = 0;
	size_t size = 0;
	if (!log_cut(line, key, &before, &after))
		return 0;
	while (size < after.size && after.bytes[size] >= '0' && after.bytes[size] <= '9')
		size++;
	return decimal_parse(view_of(after.bytes, size), 5, &port) == OK ? port : 0;
}

/* Answers of version 3, files and alerts come from where the packet does, which need not be who asked. */
static void find_client(struct view line, struct log_record *r)
{
	bool is_from_server =
		r->action.size ? view_is(r->action, "to_client")
			       : port_of(line, "\"src_port\":") < port_of(line, "\"dest_port\":");
	struct view other = r->destination;
	if (!is_from_server)
		return;
	r->destination = r->client;
	r->client = other;
}

/* A flow is logged when it has been forgotten, perhaps hours after. */
static void take_start(struct log_record *r)
{
	int64_t start_us;
	if (r->date.size && log_time_parse(r->date, &start_us) == OK)
		r->at_us = start_us;
}

/* Where questions are logged, which the begin of a file shows, an answer is no act of its own. */
static int parse_dns(struct log_state *state, struct view line, struct log_record *ret)
{
	int code = log_json_parse(&as_dns, state, line, ret);
	if (code != OK)
		return code;
	bool is_question = view_is(ret->action, "request") || view_is(ret->action, "query"),
	     is_response = view_is(ret->action, "response");
	ret->action = (struct view){0};
	if (state->is_begin)
		state->has_queries |= is_question;
	ret->is_answer = !is_question && state->has_queries;
	if (is_response)
		find_client(line, ret);
	ret->destination = (struct view){0};
	return OK;
}

static int parse_eve(const struct log_kind *kind, struct log_state *state, struct view line,
                     struct log_record *ret)
{
	if (is_event(line, "\"dns\""))
		return parse_dns(state, line, ret);
	int code = log_json_parse(kind, state, line, ret);
	if (code == OK && (is_event(line, "\"alert\"") || is_event(line, "\"fileinfo\"")))
		find_client(line, ret);
	if (code == OK && (is_event(line, "\"flow\"") || is_event(line, "\"netflow\"")))
		take_start(ret);
	if (code == OK && log_has(line, "\"dns\":{"))
		ret->destination = (struct view){0};
	ret->action = (struct view){0};
	return code;
}

static const struct log_kind eve = {.dialect = {LINE_ENDS_BACKSLASH | LINE_ENDS_PERCENT, true},
                                    .keys = eve_keys,
                                    .parse = parse_eve,
                                    .sure = 95,
                                    .has_replies = true,
                                    .needs = eve_needs};
static const struct log_kind adguard = {.dialect = {LINE_ENDS_BACKSLASH, false},
                                        .keys = adguard_keys,
                                        .parse = log_json_parse,
                                        .sure = 95,
                                        .needs = adguard_needs};
/* Where nothing happens there are statistics alone, of many kilobytes each. */
int log_eve_probe(struct view first)
{
	int sure = log_kind_probe(&eve, first);
	struct view line = view_split(&first, '\n');
	bool is_statistics = view_starts_with(line, view_text("{\"timestamp\":\"")) &&
	                     is_event(line, "\"stats\"");
	return sure == 0 && is_statistics ? eve.sure / 2 : sure;
}

int log_eve_open(const struct audit_context *context, struct view first, void **ret)
{
	return log_kind_open(&eve, context, first, ret);
}

LOG_FORMAT(adguard, adguard)
