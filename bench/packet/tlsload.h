/* tlsload.h - both ends of many TLS connections in two single-threaded epoll loops.
 *
 * What:    tls_server_run() plays the server's part of a recording to whoever sends a hello, until it is
 *          killed: the flight to the first whole record, the answer to what follows, then it closes.
 *          tls_client_run() plays the client's part many times and counts.
 * Limits:  TLSLOAD_SOCKETS connections at a time. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "common/histogram.h"
#include "recording.h"

enum { TLSLOAD_SOCKETS = 8192 };

struct tls_client_setup {
	struct sockaddr_in server; /* the first of `addresses`, which take turns */
	unsigned addresses;
	unsigned window; /* connections at a time, where there is no rate */
	double rate;     /* new ones a second; 0: as many as go */
	uint64_t count;  /* ends after so many; 0: never */
	int64_t length_ns, patience_ns;
	bool is_whole; /* to the answer's end; else it closes at the server's flight */
};

struct tls_client_counts {
	uint64_t started, answered, finished; /* flight seen; all seen */
	uint64_t refused, timed_out,
		failed; /* ended before the flight; nothing in time; no socket */
	int64_t spent_ns;
	struct histogram first; /* from connect() to the first bytes of the flight */
};

int tls_client_run(const struct tls_client_setup *setup, const struct recording *recording,
                   struct tls_client_counts *ret);
int tls_server_run(uint16_t port, struct recording *recording);
