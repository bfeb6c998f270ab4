#include "flow/flow.h"

const char *const flow_protocol_names[] = {"unknown", "tls", "quic", "http", "http2", "dns"};
_Static_assert(sizeof(flow_protocol_names) / sizeof(flow_protocol_names[0]) == FLOW_PROTOCOLS,
               "a name for each");

const struct flow_why_row flow_why_rows[FLOW_WHYS] = {
	[FLOW_WHY_OPENING] = {"opening", "forwarded: the flow has said nothing yet"},
	[FLOW_WHY_PART] = {"part", "forwarded: part of a message that is not complete"},
	[FLOW_WHY_WAITING] = {"waiting",
                              "forwarded: judged, and the server has not shown that it heard"},
	[FLOW_WHY_JUDGED] = {"judged", "released or watched: what was asked for is allowed"},
	[FLOW_WHY_RULED] = {"ruled", "refused: what was asked for is blocked"},
	[FLOW_WHY_NOT_JUDGED] = {"not_judged", "released: neither TCP nor UDP"},
	[FLOW_WHY_MALFORMED] = {"malformed", "dropped: no end host would accept it"},
	[FLOW_WHY_CHECKSUM] = {"checksum", "dropped: a wrong checksum"},
	[FLOW_WHY_WINDOW] = {"window", "dropped: outside of what the other end can accept"},
	[FLOW_WHY_OLD] = {"old", "dropped: an old timestamp"},
	[FLOW_WHY_STRANGE] = {"strange", "dropped: flags, options or a route that no client has"},
	[FLOW_WHY_TTL] = {"ttl",
                          "dropped: bytes that may not reach the server, seen for the first time"},
	[FLOW_WHY_FRAGMENT] = {"fragment",
                               "a fragment: forwarded, or dropped where it contradicts another"},
	[FLOW_WHY_AMBIGUOUS] = {"ambiguous", "refused: more readings or names than can be judged"},
	[FLOW_WHY_LIMIT_BYTES] =
		{"limit_bytes",
                 "by the rule of failure: it asks for nobody within the bytes that are read"},
	[FLOW_WHY_LIMIT_PACKETS] =
		{"limit_packets",
                 "by the rule of failure: it asks for nobody, and sends what it sent before"},
	[FLOW_WHY_LIMIT_TIME] = {"limit_time",
                                 "by the rule of failure: it asks for nobody in time"},
	[FLOW_WHY_FULL_TABLE] = {"full_table", "by the rule of failure: no room for a flow"},
	[FLOW_WHY_FULL_POOL] = {"full_pool", "by the rule of failure: no room for its bytes"},
	[FLOW_WHY_MIDDLE] = {"middle", "by its rule: the beginning was not seen"},
};
