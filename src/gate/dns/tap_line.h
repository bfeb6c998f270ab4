/* tap_line.h - a told query as a line of the query log: one object of JSON, and a line feed.
 *
 * What:    pure but for the key of pseudonyms (tap_client.h). Members that have nothing to say are left out:
 *	{"time":"2026-01-15T08:00:00.000123Z","client":"192.0.2.0/24","unit":"test","transport":"udp",
 *	 "name":"chat.example","type":"A","rcode":"NXDOMAIN","verdict":"block","reason":"prohibited",
 *	 "order":"the-order","obligation":1,"product":"chat","identifier":"web","reference":"K7QM2XWA",
 *	 "source":"gate","duration_us":12}
 *          `reference` is the same for one client and name, so it is left out when nothing of clients is
 *          told. */
#pragma once

#include "base/buffer.h"
#include "gate/dns/tap_client.h"
#include "gate/dns/tap_queue.h"

void tap_line_print(const struct tap_record *r, enum tap_clients clients,
                    struct tap_client_key *key, struct buffer *out);
/* {"time":...,"dropped":N}: so many queries found no room since the last such line. */
void tap_line_print_dropped(int64_t at_us, uint64_t count, struct buffer *out);
