/* recording.h - the bytes of a TLS 1.3 handshake between OpenSSL and itself, to be played again.
 *
 * What:    recording_make() has a client ask for `name` and a server with a certificate of its own answer. The
 *          client's hello gets `padding` bytes more, as an extension like browsers send (GREASE ECH).
 *          A load that plays it again costs its ends nearly nothing, and a gate sees what it always sees; only
 *          the server's echo of the session number must be put right: recording_echo().
 * Source:  RFC 8446. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { RECORDING_SIZE_MAX = 16384 };

struct recording_part {
	uint8_t bytes[RECORDING_SIZE_MAX];
	size_t size;
};

struct recording {
	struct recording_part hello, flight, finish; /* finish: the client's, with its first data */
	struct recording_part answer;                /* of the server to it */
};

/* `answer_size`: of the server's data. 0, or negative when OpenSSL fails or a part is too long. */
int recording_make(const char *name, size_t padding, size_t answer_size, struct recording *ret);
/* Writes the session number of a client's hello into the flight that answers it. */
void recording_echo(struct recording_part *flight, const uint8_t *hello, size_t size);
