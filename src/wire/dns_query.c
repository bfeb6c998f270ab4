#include "wire/dns_query.h"

#include <assert.h>

#include "wire/dns_message.h"

enum { OPCODE_SHIFT = 11, QUESTION_FIXED_SIZE = 4 };

/* Reads the question; `*ret_end` is the offset after it. */
static int read_question(struct view packet, struct dns_query *q, size_t *ret_end)
{
	size_t at;
	int r = dns_name_read(packet, DNS_HEADER_SIZE, &q->name, &at);
	if (r < 0)
		return r;
	if (packet.size - at < QUESTION_FIXED_SIZE)
		return ERR_TRUNCATED;
	q->type = dns_u16_at(packet.bytes + at);
	q->class = dns_u16_at(packet.bytes + at + 2);
	*ret_end = at + QUESTION_FIXED_SIZE;
	q->question = view_of(packet.bytes + DNS_HEADER_SIZE, *ret_end - DNS_HEADER_SIZE);
	return OK;
}

/* OPT: once, in the additional section, owned by the root. */
static int take_opt(struct view packet, const struct dns_record *record, struct dns_query *q)
{
	if (q->edns.is_present || record->section != DNS_ADDITIONAL ||
	    packet.bytes[record->at] != 0)
		return ERR_MALFORMED;
	uint32_t ttl = record->ttl;
	return dns_edns_parse(record->class, ttl, record->rdata, &q->edns);
}

/* SIG(0) is a SIG record that covers type 0. */
static bool is_signature(const struct dns_record *record)
{
	if (record->type == DNS_TYPE_TSIG)
		return true;
	return record->type == DNS_TYPE_SIG && record->rdata.size > 2 &&
	       dns_u16_at(record->rdata.bytes) == 0;
}

static int read_records(struct view packet, struct dns_walk *w, struct dns_query *q)
{
	struct dns_record record;
	int r;
	while ((r = dns_walk_next(w, &record)) > 0) {
		if (q->has_signature)
			return ERR_MALFORMED; /* nothing may follow it */
		if (record.type == DNS_TYPE_OPT)
			r = take_opt(packet, &record, q);
		else if (is_signature(&record))
			q->has_signature = true;
		if (r < 0)
			return r;
	}
	return r;
}

static bool is_cookie_request(const struct dns_header *header, const struct dns_query *q)
{
	return header->counts[DNS_QUESTION] == 0 && header->counts[DNS_ANSWER] == 0 &&
	       header->counts[DNS_AUTHORITY] == 0 && q->edns.cookie.size;
}

enum dns_query_verdict dns_query_parse(struct view packet, struct dns_query *ret)
{
	struct dns_header header;
	if (dns_header_parse(packet, &header) < 0 || header.flags & DNS_FLAG_QR)
		return DNS_QUERY_DROP;
	ret->id = header.id;
	ret->flags = header.flags;
	ret->type = ret->class = 0;
	ret->has_signature = false;
	ret->packet = packet;
	ret->question = (struct view){0};
	ret->edns = (struct dns_edns){0};
	if ((header.flags & DNS_FLAGS_OPCODE) >> OPCODE_SHIFT != DNS_OPCODE_QUERY)
		return DNS_QUERY_NOTIMP;
	size_t at = DNS_HEADER_SIZE;
	if (packet.size > DNS_MESSAGE_SIZE_MAX || header.counts[DNS_QUESTION] > 1)
		return DNS_QUERY_FORMERR;
	if (header.counts[DNS_QUESTION] == 1 && read_question(packet, ret, &at) < 0)
		return DNS_QUERY_FORMERR;
	struct dns_walk w = dns_walk_from(packet, &header, at);
	if (read_records(packet, &w, ret) < 0)
		return DNS_QUERY_FORMERR;
	if (ret->edns.version != 0)
		return DNS_QUERY_BADVERS;
	if (ret->question.size)
		return DNS_QUERY_OK;
	return is_cookie_request(&header, ret) ? DNS_QUERY_COOKIE : DNS_QUERY_FORMERR;
}

uint16_t dns_query_rcode(enum dns_query_verdict verdict)
{
	switch (verdict) {
	case DNS_QUERY_OK:
	case DNS_QUERY_COOKIE: return DNS_RCODE_NOERROR;
	case DNS_QUERY_FORMERR: return DNS_RCODE_FORMERR;
	case DNS_QUERY_NOTIMP: return DNS_RCODE_NOTIMP;
	case DNS_QUERY_BADVERS: return DNS_RCODE_BADVERS;
	case DNS_QUERY_DROP: break;
	}
	assert(!"a dropped query has no response code");
	return DNS_RCODE_SERVFAIL;
}

size_t dns_query_udp_size_max(const struct dns_query *q, size_t udp_size_max)
{
	size_t size = q->edns.udp_size;
	if (size > udp_size_max)
		size = udp_size_max;
	return size < DNS_UDP_SIZE_MIN ? DNS_UDP_SIZE_MIN : size;
}
