#include <stddef.h>

#include "audit/capture_file.h"
#include "audit/dnstap_file.h"
#include "audit/log_formats.h"
#include "audit/log_mapping.h"
#include "audit/log_names.h"
#include "audit/reader.h"

enum { CAPTURE_PROVES = PROOF_NAME | PROOF_ADDRESS | PROOF_CLIENT | PROOF_BYTES | PROOF_TIME };

#define LOG_OF(title, symbol, text, what, mixed)                                    \
	{                                                                           \
		title, text, what, true, log_##symbol##_probe, log_##symbol##_open, \
			log_lines_read, log_lines_finish, log_lines_close, mixed    \
	}
#define LOG(title, symbol, text, what)  LOG_OF(title, symbol, text, what, NULL)
#define ZEEK(title, symbol, text, what) LOG_OF(title, symbol, text, what, "zeek")
#define JSON(title, symbol, text, what) LOG_OF(title, symbol, text, what, "zeek-json")
#define QUERY                           (PROOF_NAME | PROOF_CLIENT | PROOF_TIME)
#define VISIT                           (PROOF_NAME | PROOF_URL | PROOF_CLIENT | PROOF_USER | PROOF_BYTES | PROOF_TIME)
#define FLOW                            (PROOF_ADDRESS | PROOF_CLIENT | PROOF_BYTES | PROOF_TIME)
#define SESSION                         (PROOF_NAME | PROOF_ADDRESS | PROOF_CLIENT | PROOF_TIME)

const struct audit_format audit_formats[] = {
	{"pcap", "packets, as tcpdump writes them", CAPTURE_PROVES, false, capture_pcap_probe,
         capture_pcap_open, capture_file_read, capture_file_finish, capture_file_close},
	{"pcapng", "packets, as Wireshark writes them", CAPTURE_PROVES, false, capture_pcapng_probe,
         capture_pcapng_open, capture_file_read, capture_file_finish, capture_file_close},
	{"dnstap", "dnstap in frame streams, as fstrm_capture or a name server writes it", QUERY,
         false, dnstap_file_probe, dnstap_file_open, dnstap_file_read, dnstap_file_finish,
         dnstap_file_close},
	ZEEK("zeek-dns", zeek_dns, "Zeek dns.log", QUERY),
	ZEEK("zeek-ssl", zeek_ssl, "Zeek ssl.log", SESSION | PROOF_CERTIFICATE),
	ZEEK("zeek-http", zeek_http, "Zeek http.log", VISIT | PROOF_ADDRESS),
	ZEEK("zeek-quic", zeek_quic, "Zeek quic.log", SESSION),
	ZEEK("zeek-conn", zeek_conn, "Zeek conn.log", FLOW),
	ZEEK("zeek-x509", zeek_x509, "Zeek x509.log", PROOF_CERTIFICATE | PROOF_TIME),
	ZEEK("zeek", zeek, "Zeek logs of several kinds, put together",
             VISIT | PROOF_ADDRESS | PROOF_CERTIFICATE),
	JSON("zeek-dns-json", zeek_dns_json, "Zeek dns.log as JSON", QUERY),
	JSON("zeek-ssl-json", zeek_ssl_json, "Zeek ssl.log as JSON", SESSION | PROOF_CERTIFICATE),
	JSON("zeek-http-json", zeek_http_json, "Zeek http.log as JSON", VISIT | PROOF_ADDRESS),
	JSON("zeek-quic-json", zeek_quic_json, "Zeek quic.log as JSON", SESSION),
	JSON("zeek-conn-json", zeek_conn_json, "Zeek conn.log as JSON", FLOW),
	JSON("zeek-x509-json", zeek_x509_json, "Zeek x509.log as JSON",
             PROOF_CERTIFICATE | PROOF_TIME),
	LOG("eve", eve, "Suricata EVE JSON", VISIT | PROOF_ADDRESS | PROOF_CERTIFICATE),
	LOG("squid", squid, "Squid access log, native", VISIT | PROOF_ADDRESS),
	LOG("squid-common", squid_common, "Squid access log, common or combined", VISIT),
	LOG("combined", combined, "nginx or Apache access log, common or combined", VISIT),
	LOG("w3c", w3c, "W3C extended log (IIS, Blue Coat, Zscaler)", VISIT | PROOF_ADDRESS),
	LOG("bind", bind, "BIND query log", QUERY),
	LOG("unbound", unbound, "Unbound query log", QUERY),
	LOG("dnsmasq", dnsmasq, "dnsmasq or Pi-hole query log", QUERY),
	LOG("adguard", adguard, "AdGuard Home query log", QUERY | PROOF_USER),
	LOG("knot", knot, "Knot Resolver log of plans", PROOF_NAME | PROOF_TIME),
	LOG("windows-dns", windows_dns, "Windows DNS server debug log", QUERY),
	LOG("cef", cef, "Common Event Format", VISIT | PROOF_ADDRESS),
	LOG("leef", leef, "Log Event Extended Format", VISIT | PROOF_ADDRESS),
	LOG("fortigate", fortigate, "FortiGate key=value", VISIT | PROOF_ADDRESS),
	LOG("sonicwall", sonicwall, "SonicWall key=value", VISIT | PROOF_ADDRESS),
	LOG("paloalto", paloalto, "Palo Alto CSV: traffic, threat, url", VISIT | PROOF_ADDRESS),
	LOG("cisco-asa", asa, "Cisco ASA or FTD syslog", VISIT | PROOF_ADDRESS),
	LOG("checkpoint", checkpoint, "Check Point log exporter", VISIT | PROOF_ADDRESS),
	LOG("zscaler", zscaler, "Zscaler NSS web log", VISIT | PROOF_ADDRESS),
	LOG("nfdump", nfdump, "NetFlow or IPFIX as nfdump CSV", FLOW),
	/* last: it takes what no other does */
	{"names", "plain list of host names or addresses, one a line", PROOF_NAME | PROOF_ADDRESS,
         true, log_names_probe, log_names_open, log_names_read, log_names_finish, log_names_close},
	/* never found by content */
	LOG("mapping", mapping, "any columns or JSON, as --mapping FILE says",
            VISIT | PROOF_ADDRESS),
	{0},
};

const struct audit_format *audit_format_find(struct view first)
{
	const struct audit_format *best = NULL;
	int sure = 0;
	for (const struct audit_format *f = audit_formats; f->name; f++) {
		int is = f->probe(first);
		if (is > sure) {
			sure = is;
			best = f;
		}
	}
	return best;
}
