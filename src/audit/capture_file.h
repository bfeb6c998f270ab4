/* capture_file.h - capture files, for the table of formats: pcap and pcapng.
 *
 * What:    packets out of blocks that are cut anywhere; one that lies in two blocks is carried. Where the file is
 *          damaged the reader looks for the place where packets go on, and counts what it left out.
 * Limits:  after CAPTURE_FILE_DAMAGE_MAX bytes without a packet it gives up, and says so.
 * Source:  wire/pcap.h, wire/pcapng.h. */
#pragma once

#include "audit/capture.h"

enum { CAPTURE_FILE_DAMAGE_MAX = 64 * 1024 * 1024 };

int capture_pcap_probe(struct view first);
int capture_pcap_open(const struct audit_context *context, struct view first, void **ret);
int capture_pcapng_probe(struct view first);
int capture_pcapng_open(const struct audit_context *context, struct view first, void **ret);
int capture_file_read(void *reader, struct view block);
int capture_file_finish(void *reader);
void capture_file_close(void *reader);
/* The packets' reader behind it, for capture_listen(). */
struct capture *capture_file_capture(void *reader);
