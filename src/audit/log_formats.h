/* log_formats.h - the formats of lines that there are: what formats.c has rows for. See log_kind.h. */
#pragma once

#include "audit/log_kind.h"

#define LOG_FORMATS(X)    \
	X(zeek_dns)       \
	X(zeek_ssl)       \
	X(zeek_http)      \
	X(zeek_quic)      \
	X(zeek_conn)      \
	X(zeek_dns_json)  \
	X(zeek_ssl_json)  \
	X(zeek_http_json) \
	X(zeek_quic_json) \
	X(zeek_conn_json) \
	X(eve)            \
	X(squid)          \
	X(squid_common)   \
	X(w3c)            \
	X(bind)           \
	X(unbound)        \
	X(dnsmasq)        \
	X(adguard)        \
	X(knot)           \
	X(windows_dns)    \
	X(combined)       \
	X(cef)            \
	X(leef) X(fortigate) X(sonicwall) X(paloalto) X(asa) X(checkpoint) X(zscaler) X(nfdump)

#define LOG_FORMAT_DECLARE(name)                   \
	int log_##name##_probe(struct view first); \
	int log_##name##_open(const struct audit_context *context, struct view first, void **ret);
LOG_FORMATS(LOG_FORMAT_DECLARE)
#undef LOG_FORMAT_DECLARE
