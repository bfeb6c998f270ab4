#include "gate/dns/tap_dnstap.h"

#include <stdio.h>
#include <string.h>

#include "gate/dns/tap_client.h"
#include "wire/dns_message.h"

enum { BARE_SIZE_MAX = DNS_HEADER_SIZE + DNS_QUESTION_SIZE_MAX, RULE_SIZE = 128 };

static enum dnstap_protocol protocol_of(enum dns_transport transport)
{
	static const enum dnstap_protocol protocols[EVENT_TRANSPORTS] = {
		[EVENT_TRANSPORT_UDP] = DNSTAP_UDP,  [EVENT_TRANSPORT_TCP] = DNSTAP_TCP,
		[EVENT_TRANSPORT_TLS] = DNSTAP_DOT,  [EVENT_TRANSPORT_HTTPS] = DNSTAP_DOH,
		[EVENT_TRANSPORT_QUIC] = DNSTAP_DOQ,
	};
	return protocols[dns_transports[transport].event];
}

static bool is_forwarded(const struct tap_record *r)
{
	return r->server.family;
}

static struct dnstap begin(const struct tap_frames *f, const struct tap_record *r,
                           enum dnstap_type type)
{
	struct dnstap d = {.identity = f->identity,
	                   .version = f->version,
	                   .type = type,
	                   .protocol = protocol_of(r->transport),
	                   .client = tap_client_address(&r->client, f->clients),
	                   .query_at_us = r->asked_at_us,
	                   .response_at_us = TIME_MIN};
	if (is_forwarded(r)) {
		size_t size = r->server.family == ADDRESS_V4 ? 4 : 16;
		d.server = address_from_bytes(r->server.bytes, size);
		d.server_port = r->server.port;
	}
	return d;
}

/* Header and question alone; empty when the question cannot be read. */
static struct view bare(struct view query, uint8_t room[static BARE_SIZE_MAX])
{
	struct dns_question question;
	if (dns_question_parse(query, &question) < 0 || question.end > BARE_SIZE_MAX)
		return (struct view){0};
	memcpy(room, query.bytes, question.end);
	/* the counts of answers, authorities and additionals */
	memset(room + DNS_HEADER_SIZE - 6, 0, 6);
	return view_of(room, question.end);
}

size_t tap_frame_query(const struct tap_frames *f, const struct tap_record *r,
                       uint8_t room[static TAP_FRAME_SIZE_MAX])
{
	uint8_t question[BARE_SIZE_MAX];
	bool forwarded = is_forwarded(r);
	struct dnstap d = begin(f, r, forwarded ? DNSTAP_FORWARDER_QUERY : DNSTAP_CLIENT_QUERY);
	d.query = r->parts[TAP_QUERY];
	if (f->clients != TAP_CLIENTS_FULL && !forwarded)
		d.query = bare(d.query, question);
	return d.query.size ? dnstap_encode(&d, room, TAP_FRAME_SIZE_MAX) : 0;
}

/* What the answer did for the policy; its words are for response policy zones and have none for REFUSED. */
static enum dnstap_action action_of(const struct tap_record *r)
{
	struct dns_header h;
	if (r->action != VERDICT_BLOCK)
		return DNSTAP_PASS;
	if (dns_header_parse(r->parts[TAP_ANSWER], &h) < 0)
		return DNSTAP_ACTION_NONE;
	uint16_t rcode = h.flags & DNS_FLAGS_RCODE;
	if (rcode == DNS_RCODE_NXDOMAIN)
		return DNSTAP_NXDOMAIN;
	if (rcode != DNS_RCODE_NOERROR)
		return DNSTAP_ACTION_NONE;
	return h.counts[DNS_ANSWER] ? DNSTAP_LOCAL_DATA : DNSTAP_NODATA;
}

/* An alias in the answer that is listed is neither. */
static enum dnstap_match match_of(const struct tap_record *r)
{
	struct dname name, listed;
	if (r->is_by_address)
		return DNSTAP_MATCH_RESPONSE_IP;
	if (dname_parse_wire(r->parts[TAP_NAME], &name) == OK &&
	    dname_parse_text(r->parts[TAP_VALUE], &listed) == OK && dname_is_under(&name, &listed))
		return DNSTAP_MATCH_QNAME;
	return DNSTAP_MATCH_NONE;
}

size_t tap_frame_answer(const struct tap_frames *f, const struct tap_record *r,
                        uint8_t room[static TAP_FRAME_SIZE_MAX])
{
	char rule[RULE_SIZE];
	struct dnstap d =
		begin(f, r, is_forwarded(r) ? DNSTAP_FORWARDER_RESPONSE : DNSTAP_CLIENT_RESPONSE);
	struct dnstap_policy policy = {.type = view_text("order"),
	                               .action = action_of(r),
	                               .match = match_of(r),
	                               .value = r->parts[TAP_VALUE]};
	d.response = r->parts[TAP_ANSWER];
	d.response_at_us = r->asked_at_us + r->took_us;
	if (r->action != VERDICT_ALLOW) {
		int size = snprintf(rule, sizeof(rule), VIEW_FMT "/%u",
		                    VIEW_ARG(r->parts[TAP_ORDER]), r->obligation);
		policy.rule = view_of(rule, (size_t)size < sizeof(rule) ? (size_t)size : 0);
		d.policy = &policy;
	}
	return d.response.size ? dnstap_encode(&d, room, TAP_FRAME_SIZE_MAX) : 0;
}
