/* dnstap_file.h - dnstap in files of Frame Streams, as fstrm_capture, dnstap and name servers themselves write them.
 *
 * What:    a start, frames of data, a stop; several such may follow one another, and the stop may be missing. An item is
 *          a frame of data; one that is no dnstap, or whose DNS message cannot be read, was not understood.
 * Fails:   ERR_MALFORMED from where no frame can be, as nothing tells where the next one begins; ERR_TRUNCATED when it
 *          ends within a frame.
 * Limits:  frames of AUDIT_ITEM_MAX, longer ones are skipped; control frames of 512 bytes.
 * Source:  fstrm's documentation of its control frames; dnstap.proto. */
#pragma once

#include "audit/reader.h"

int dnstap_file_probe(struct view first);
int dnstap_file_open(const struct audit_context *context, struct view first, void **ret) must_check;
int dnstap_file_read(void *reader, struct view block) must_check;
int dnstap_file_finish(void *reader) must_check;
void dnstap_file_close(void *reader);
