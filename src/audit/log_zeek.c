/* log_zeek.c - Zeek: logs of columns with a header, and the same as JSON.
 *
 * Source: Zeek documentation, "Log Files" (dns.log ssl.log http.log quic.log conn.log x509.log), "Log Formats"; the logs that
 *         Zeek's own tests expect. */
#include "audit/log_fields.h"
#include "audit/log_formats.h"
#include "audit/log_json.h"

/* Many set Log::default_scope_sep to "_", as what stores JSON does not like the full stop. */
#define CLIENT                          \
	{"id.orig_h", LOG_CLIENT},      \
	{                               \
		"id_orig_h", LOG_CLIENT \
	}
#define SERVER                               \
	{"id.resp_h", LOG_DESTINATION},      \
	{                                    \
		"id_resp_h", LOG_DESTINATION \
	}
/* The other end of a query for a name is a resolver, which says nothing. */
static const struct log_key dns_keys[] = {
	{"ts", LOG_TIME}, CLIENT, {"query", LOG_HOST}, {"answers", LOG_ALIAS}, {0}};
static const struct log_key tls_keys[] = {
	{"ts", LOG_TIME}, CLIENT, SERVER, {"server_name", LOG_HOST}, {"subject", LOG_SUBJECT}, {0}};
/* Once a day for each certificate, whoever met it. Which connections did, ssl.log says by its fingerprint, in lines
 * that name nothing listed: they are not joined, as that would need all of them, see docs/audit.md. */
static const struct log_key x509_keys[] = {{"ts", LOG_TIME},
                                           {"certificate.subject", LOG_SUBJECT},
                                           {"certificate_subject", LOG_SUBJECT},
                                           {"san.dns", LOG_CERTIFICATE},
                                           {"san_dns", LOG_CERTIFICATE},
                                           {"client_cert", LOG_CLIENTS},
                                           {0}};
static const struct log_key http_keys[] = {{"ts", LOG_TIME},
                                           CLIENT,
                                           SERVER,
                                           {"host", LOG_HOST},
                                           {"uri", LOG_URL},
                                           {"username", LOG_USER},
                                           {"request_body_len", LOG_UP},
                                           {"response_body_len", LOG_DOWN},
                                           {0}};
static const struct log_key conn_keys[] = {
	{"ts", LOG_TIME}, CLIENT, SERVER, {"orig_bytes", LOG_UP}, {"resp_bytes", LOG_DOWN}, {0}};

/* What its columns have, and those of no other of them; and of members, which are left out of JSON where they have no
 * value, those that are always there. */
static const char *const dns_needs[] = {"ts", "query", "answers", NULL};
static const char *const ssl_needs[] = {"ts", "server_name", "cipher", NULL};
static const char *const http_needs[] = {"ts", "host", "uri", NULL};
static const char *const quic_needs[] = {"ts", "server_name", "client_initial_dcid", NULL};
static const char *const conn_needs[] = {"ts", "conn_state", NULL};
static const char *const x509_needs[] = {"ts", "certificate.subject", "san.dns", NULL};
static const char *const json_dns_needs[] = {"ts", "uid", "query", NULL};
static const char *const json_ssl_needs[] = {"ts", "uid", "resumed", "established", NULL};
static const char *const json_http_needs[] = {"ts", "uid", "trans_depth", NULL};
static const char *const json_quic_needs[] = {"ts", "uid", "client_initial_dcid", NULL};
static const char *const json_x509_needs[] = {"ts", "fingerprint", "host_cert", NULL};

static log_parse_function parse_json;
static const struct log_kind *const family[];

#define ZEEK(symbol, key_rows, need_rows, json_need_rows, addresses)                          \
	static const struct log_kind symbol = {.dialect = {LINE_ENDS_HASH, addresses},        \
	                                       .keys = key_rows,                              \
	                                       .parse = log_table_parse,                      \
	                                       .family = family,                              \
	                                       .sure = 95,                                    \
	                                       .needs = need_rows,                            \
	                                       .separator = '\t'};                            \
	static const struct log_kind symbol##_json = {.dialect = {LINE_ENDS_BACKSLASH, true}, \
	                                              .keys = key_rows,                       \
	                                              .parse = parse_json,                    \
	                                              .sure = 90,                             \
	                                              .needs = json_need_rows};               \
	LOG_FORMAT(symbol, symbol)                                                            \
	LOG_FORMAT(symbol##_json, symbol##_json)

ZEEK(zeek_dns, dns_keys, dns_needs, json_dns_needs, false)
ZEEK(zeek_ssl, tls_keys, ssl_needs, json_ssl_needs, true)
ZEEK(zeek_http, http_keys, http_needs, json_http_needs, true)
ZEEK(zeek_quic, tls_keys, quic_needs, json_quic_needs, true)
ZEEK(zeek_conn, conn_keys, conn_needs, conn_needs, true)
ZEEK(zeek_x509, x509_keys, x509_needs, json_x509_needs, false)

static const struct log_kind *const family[] = {&zeek_dns,  &zeek_ssl,  &zeek_http, &zeek_quic,
                                                &zeek_conn, &zeek_x509, NULL};

/* One that begins with a kind that is none of them, or soon changes. */
static const struct log_kind zeek = {.dialect = {LINE_ENDS_HASH, false},
                                     .parse = log_table_parse,
                                     .family = family,
                                     .separator = '\t'};

int log_zeek_probe(struct view first)
{
	enum { SURE = 30 };
	bool has_header = view_starts_with(first, view_text("#separator ")) &&
	                  memmem(first.bytes, first.size, "\n#fields", strlen("\n#fields"));
	return has_header ? SURE : 0;
}

int log_zeek_open(const struct audit_context *context, struct view first, void **ret)
{
	return log_kind_open(&zeek, context, first, ret);
}

/* A stream may have lines of all of them, and of others, which say nothing. */
static int parse_json(const struct log_kind *kind, struct log_state *state, struct view line,
                      struct log_record *ret)
{
	static const struct log_kind *const all[] = {&zeek_dns_json,  &zeek_ssl_json,
	                                             &zeek_http_json, &zeek_quic_json,
	                                             &zeek_conn_json, &zeek_x509_json};
	int code = log_json_parse(kind, state, line, ret);
	if (state->is_probed || code != LOG_SILENT)
		return code;
	for (size_t i = 0; code == LOG_SILENT && i < sizeof(all) / sizeof(*all); i++) {
		*ret = log_record_none();
		state->scratch_used = 0;
		code = all[i] == kind ? LOG_SILENT : log_json_parse(all[i], state, line, ret);
	}
	state->columns.has_others |= code == OK;
	return code;
}
