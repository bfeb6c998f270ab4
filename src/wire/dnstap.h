/* dnstap.h - one DNS message as dnstap tells of it.
 *
 * What:    a pure encoder and decoder. A frame of Frame Streams has one of these as its data.
 * Borrows: what was decoded points into the data.
 * Fails:   ERR_MALFORMED: no such data, or not of a message of a known type.
 * Source:  dnstap.proto of dnstap.info: messages Dnstap, Message and Policy. Their dozen fields are written
 *          by rows of protobuf.h, which is smaller than a schema, a generator and a library for it. */
#pragma once

#include "base/address.h"
#include "base/err.h"
#include "base/view.h"
#include "base/writer.h"

#define DNSTAP_CONTENT_TYPE "protobuf:dnstap.Dnstap"

/* A response's is that of its query and one. */
enum dnstap_type {
	DNSTAP_AUTH_QUERY = 1,
	DNSTAP_AUTH_RESPONSE,
	DNSTAP_RESOLVER_QUERY,
	DNSTAP_RESOLVER_RESPONSE,
	DNSTAP_CLIENT_QUERY,
	DNSTAP_CLIENT_RESPONSE,
	DNSTAP_FORWARDER_QUERY,
	DNSTAP_FORWARDER_RESPONSE,
	DNSTAP_STUB_QUERY,
	DNSTAP_STUB_RESPONSE,
	DNSTAP_TOOL_QUERY,
	DNSTAP_TOOL_RESPONSE,
	DNSTAP_UPDATE_QUERY,
	DNSTAP_UPDATE_RESPONSE,
	DNSTAP_TYPES,
};

enum dnstap_protocol {
	DNSTAP_PROTOCOL_NONE,
	DNSTAP_UDP,
	DNSTAP_TCP,
	DNSTAP_DOT,
	DNSTAP_DOH,
	DNSTAP_DOQ = 7,
};

enum dnstap_action {
	DNSTAP_ACTION_NONE,
	DNSTAP_NXDOMAIN,
	DNSTAP_NODATA,
	DNSTAP_PASS,
	DNSTAP_LOCAL_DATA = 6,
};

enum dnstap_match { DNSTAP_MATCH_NONE, DNSTAP_MATCH_QNAME, DNSTAP_MATCH_RESPONSE_IP = 3 };

struct dnstap_policy {
	struct view type, rule, value;
	enum dnstap_action action;
	enum dnstap_match match;
};

/* Empty views, an address that is none, and constants of 0 are left out. */
struct dnstap {
	struct view identity, version; /* of the server */
	enum dnstap_type type;
	enum dnstap_protocol protocol;
	struct address client; /* who asked */
	struct address server; /* who was asked, and where; of one family */
	uint16_t server_port;
	int64_t query_at_us, response_at_us; /* wall clock; TIME_MIN: left out */
	struct view query, response;
	const struct dnstap_policy *policy; /* or NULL */
};

/* Returns the size of the frame; 0 when it does not fit. */
size_t dnstap_encode(const struct dnstap *d, void *room, size_t room_size);
/* The opposite, but for the policy, which is passed over. Fields that are not known are, too. */
int dnstap_decode(struct view data, struct dnstap *ret) must_check;
