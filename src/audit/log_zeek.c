/* log_zeek.c - Zeek: logs of columns with a header, and the same as JSON.
 *
 * Source: Zeek documentation, "Log Files" (dns.log ssl.log http.log quic.log conn.log), "Log Formats". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"
#include "audit/log_json.h"

/* The other end of a query for a name is a resolver, which says nothing. */
static const struct log_key dns_keys[] = {{"ts", LOG_TIME},
                                          {"id.orig_h", LOG_CLIENT},
                                          {"query", LOG_HOST},
                                          {"answers", LOG_ALIAS},
                                          {0}};
static const struct log_key tls_keys[] = {{"ts", LOG_TIME},
                                          {"id.orig_h", LOG_CLIENT},
                                          {"id.resp_h", LOG_DESTINATION},
                                          {"server_name", LOG_HOST},
                                          {0}};
static const struct log_key http_keys[] = {{"ts", LOG_TIME},
                                           {"id.orig_h", LOG_CLIENT},
                                           {"id.resp_h", LOG_DESTINATION},
                                           {"host", LOG_HOST},
                                           {"uri", LOG_URL},
                                           {"username", LOG_USER},
                                           {"request_body_len", LOG_UP},
                                           {"response_body_len", LOG_DOWN},
                                           {0}};
static const struct log_key conn_keys[] = {
	{"ts", LOG_TIME},       {"id.orig_h", LOG_CLIENT}, {"id.resp_h", LOG_DESTINATION},
	{"orig_bytes", LOG_UP}, {"resp_bytes", LOG_DOWN},  {0}};

static const char *const dns_needs[] = {"ts", "id.orig_h", "query", NULL};
static const char *const ssl_needs[] = {"ts", "id.orig_h", "server_name", "cipher", NULL};
static const char *const http_needs[] = {"ts", "id.orig_h", "host", "uri", NULL};
static const char *const quic_needs[] = {"ts", "id.orig_h", "server_name", "client_initial_dcid",
                                         NULL};
static const char *const conn_needs[] = {"ts", "id.orig_h", "id.resp_h", "conn_state", NULL};
/* members without a value are left out of JSON */
static const char *const json_dns_needs[] = {"ts", "id.orig_h", "query", NULL};
static const char *const json_ssl_needs[] = {"ts", "id.orig_h", "server_name", "ssl_history", NULL};

#define ZEEK(symbol, key_rows, need_rows, json_need_rows, addresses)                               \
	static const struct log_kind symbol = {.name = #symbol,                                    \
	                                       .dialect = {LINE_ENDS_HASH, addresses},             \
	                                       .keys = key_rows,                                   \
	                                       .parse = log_table_parse,                           \
	                                       .sure = 95,                                         \
	                                       .needs = need_rows,                                 \
	                                       .separator = '\t'};                                 \
	static const struct log_kind symbol##_json = {.name = #symbol "_json",                     \
	                                              .dialect = {LINE_ENDS_BACKSLASH, addresses}, \
	                                              .keys = key_rows,                            \
	                                              .parse = log_json_parse,                     \
	                                              .sure = 90,                                  \
	                                              .needs = json_need_rows};                    \
	LOG_FORMAT(symbol, symbol)                                                                 \
	LOG_FORMAT(symbol##_json, symbol##_json)

ZEEK(zeek_dns, dns_keys, dns_needs, json_dns_needs, false)
ZEEK(zeek_ssl, tls_keys, ssl_needs, json_ssl_needs, true)
ZEEK(zeek_http, http_keys, http_needs, http_needs, true)
ZEEK(zeek_quic, tls_keys, quic_needs, quic_needs, true)
ZEEK(zeek_conn, conn_keys, conn_needs, conn_needs, true)
