/* ja4.h - JA4, the fingerprint of a TLS client: which program speaks, by what it offers.
 *
 * What:    "t13d1516h2_8daaf6152771_e5627efa2ab1": transport, version, whether there is a server name, counts
 *          of cipher suites and extensions, first protocol; hashes of the sorted suites, and of the sorted
 *          extensions with the signature algorithms. Values of GREASE do not count.
 *          A pure function without allocation.
 * Fails:   ERR_LIMIT for a list of more than JA4_LIST_MAX values; no client has one.
 * Source:  FoxIO, "JA4: TLS Client Fingerprinting" (technical_details/JA4.md; the part under the BSD licence). */
#pragma once

#include "base/err.h"
#include "wire/tls_hello.h"

enum { JA4_SIZE = 37, JA4_LIST_MAX = 256 };

enum ja4_transport { JA4_TCP = 't', JA4_QUIC = 'q' };

int ja4_write(const struct tls_hello *hello, enum ja4_transport transport,
              char ret[static JA4_SIZE]) must_check;
