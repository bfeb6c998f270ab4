#include <stddef.h>

#include "audit/capture_file.h"
#include "audit/log_names.h"
#include "audit/reader.h"

enum { CAPTURE_PROVES = PROOF_NAME | PROOF_ADDRESS | PROOF_CLIENT | PROOF_BYTES | PROOF_TIME };

const struct audit_format audit_formats[] = {
	{"pcap", "packets, as tcpdump writes them", CAPTURE_PROVES, false, capture_pcap_probe,
         capture_pcap_open, capture_file_read, capture_file_finish, capture_file_close},
	{"pcapng", "packets, as Wireshark writes them", CAPTURE_PROVES, false, capture_pcapng_probe,
         capture_pcapng_open, capture_file_read, capture_file_finish, capture_file_close},
	/* last: it takes what no other does */
	{"names", "plain list of host names or addresses, one a line", PROOF_NAME | PROOF_ADDRESS,
         true, log_names_probe, log_names_open, log_names_read, log_names_finish, log_names_close},
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
