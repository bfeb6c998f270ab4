/* log_formats.h - the formats of lines that there are: what formats.c has rows for. See log_kind.h. */
#pragma once

#include "audit/log_kind.h"

#define LOG_DECLARE(name)                          \
	int log_##name##_probe(struct view first); \
	int log_##name##_open(const struct audit_context *context, struct view first, void **ret)

LOG_DECLARE(zeek_dns);
LOG_DECLARE(zeek_ssl);
LOG_DECLARE(zeek_http);
LOG_DECLARE(zeek_quic);
LOG_DECLARE(zeek_conn);
LOG_DECLARE(zeek_x509);
LOG_DECLARE(zeek);
LOG_DECLARE(zeek_dns_json);
LOG_DECLARE(zeek_ssl_json);
LOG_DECLARE(zeek_http_json);
LOG_DECLARE(zeek_quic_json);
LOG_DECLARE(zeek_conn_json);
LOG_DECLARE(zeek_x509_json);
LOG_DECLARE(eve);
LOG_DECLARE(squid);
LOG_DECLARE(squid_common);
LOG_DECLARE(w3c);
LOG_DECLARE(bind);
LOG_DECLARE(unbound);
LOG_DECLARE(dnsmasq);
LOG_DECLARE(adguard);
LOG_DECLARE(knot);
LOG_DECLARE(windows_dns);
LOG_DECLARE(combined);
LOG_DECLARE(cef);
LOG_DECLARE(leef);
LOG_DECLARE(fortigate);
LOG_DECLARE(sonicwall);
LOG_DECLARE(paloalto);
LOG_DECLARE(asa);
LOG_DECLARE(checkpoint);
LOG_DECLARE(zscaler);
LOG_DECLARE(nfdump);

#undef LOG_DECLARE
