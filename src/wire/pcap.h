/* pcap.h - the records of a classic capture file, as tcpdump writes it.
 *
 * What:    both byte orders; times in micro- or nanoseconds; Kuznetzov's form with longer records. pcap_open()
 *          reads the first PCAP_HEADER_SIZE bytes, pcap_next() one record after the other from wherever the
 *          caller has them; nothing is held between calls.
 * Borrows: packets point into the caller's bytes.
 * Fails:   ERR_TRUNCATED: more bytes may complete it; ERR_MALFORMED: a record cannot be there. Then
 *          pcap_find() looks for the place where records go on.
 * Limits:  CAPTURE_PACKET_SIZE_MAX.
 * Source:  draft-ietf-opsawg-pcap; libpcap's sf-pcap.c for the forms that the draft leaves out. */
#pragma once

#include "base/err.h"
#include "wire/capture_packet.h"

enum { PCAP_HEADER_SIZE = 24 };

struct pcap {
	bool is_swapped; /* its byte order is not this machine's */
	bool is_nano;
	uint8_t record_header; /* size of each record's */
	uint16_t link;
};

/* ERR_VERSION: another version of the format than 2.x. */
int pcap_open(struct view first, struct pcap *ret) must_check;
/* Whether a file may begin so. */
bool pcap_is(struct view first);
/* Reads the record that `bytes` begin with; *ret_size is that of all of it. */
int pcap_next(const struct pcap *p, struct view bytes, struct capture_packet *ret,
              size_t *ret_size) must_check;
/* How many bytes to leave out until several records follow each other, not far in time from `near_us`. OK, or
 * ERR_TRUNCATED: nothing in the first *ret_skip bytes, and what is behind is too short to tell. */
int pcap_find(const struct pcap *p, struct view bytes, int64_t near_us,
              size_t *ret_skip) must_check;
