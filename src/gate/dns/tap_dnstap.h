/* tap_dnstap.h - a told query as frames of dnstap.
 *
 * What:    CLIENT_QUERY with the query, CLIENT_RESPONSE with the answer; the policy on the latter, where there
 *          was a verdict: type "order", rule ORDER/OBLIGATION, and the listed value. Pure.
 *          FORWARDER_QUERY and FORWARDER_RESPONSE, each when it happens, with the server's address and port: what goes
 *          to a forwarder is to be resolved by it (dnstap.proto), also where it is a stub's server. The resolver
 *          inside shows no packets of its own, so nothing is told of those.
 *          Unless clients are told in full, a query is told without its EDNS options: they may hold the
 *          address (RFC 7871) or a mark (RFC 7873) of the client. */
#pragma once

#include "gate/dns/tap_options.h"
#include "gate/dns/tap_queue.h"
#include "wire/dnstap.h"

enum { TAP_FRAME_SIZE_MAX = 2048 + 65535 }; /* of everything but the message, and a message */

struct tap_frames {
	struct view identity, version;
	enum tap_clients clients;
};

/* Return the size of the frame, 0 when the record has no such message. */
size_t tap_frame_query(const struct tap_frames *f, const struct tap_record *r,
                       uint8_t room[static TAP_FRAME_SIZE_MAX]);
size_t tap_frame_answer(const struct tap_frames *f, const struct tap_record *r,
                        uint8_t room[static TAP_FRAME_SIZE_MAX]);
