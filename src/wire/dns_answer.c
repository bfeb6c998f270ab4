#include "wire/dns_answer.h"

static void put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void age_ttls(uint8_t *message, const uint16_t *ttls, size_t count,
                     const struct dns_emit *emit)
{
	if (emit->is_stale) {
		for (size_t i = 0; i < count; i++)
			put_u32(message + ttls[i], DNS_STALE_TTL);
	} else if (emit->age) {
		for (size_t i = 0; i < count; i++) {
			uint32_t ttl = dns_u32_at(message + ttls[i]);
			put_u32(message + ttls[i], ttl > emit->age ? ttl - emit->age : 0);
		}
	}
}

/* How much of a form goes out. */
struct part {
	uint16_t counts[DNS_SECTIONS];
	size_t size, records;
	bool truncated;
};

static struct part whole_form(const struct dns_form *form, const uint8_t *wire)
{
	struct part part = {.size = form->wire_size};
	for (int i = 0; i < DNS_SECTIONS; i++)
		part.counts[i] = dns_u16_at(wire + 4 + 2 * i);
	for (int i = DNS_ANSWER; i < DNS_SECTIONS; i++)
		part.records += part.counts[i];
	return part;
}

/* Takes whole records from the front while they fit. */
static struct part cut_form(const struct dns_form *form, const uint8_t *wire, const uint16_t *ttls,
                            size_t question_size, size_t size_max)
{
	struct part whole = whole_form(form, wire);
	struct part part = {.size = DNS_HEADER_SIZE + question_size};
	while (part.records < whole.records) {
		size_t end = ttls[part.records] + 6u + dns_u16_at(wire + ttls[part.records] + 4);
		if (end > size_max)
			break;
		part.size = end;
		part.records++;
	}
	size_t left = part.records;
	part.counts[DNS_QUESTION] = 1;
	for (int i = DNS_ANSWER; i < DNS_SECTIONS; i++) {
		part.counts[i] = left < whole.counts[i] ? (uint16_t)left : whole.counts[i];
		left -= part.counts[i];
	}
	part.truncated =
		part.records < (size_t)whole.counts[DNS_ANSWER] + whole.counts[DNS_AUTHORITY];
	return part;
}

static uint16_t answer_flags(const struct dns_prepared *p, const struct dns_query *query,
                             const struct dns_emit *emit, bool truncated)
{
	unsigned flags = DNS_FLAG_QR | DNS_FLAG_RA | p->rcode;
	flags |= query->flags & (DNS_FLAG_RD | DNS_FLAG_CD);
	bool asks_ad = query->flags & DNS_FLAG_AD || query->edns.wants_dnssec;
	if (emit->keep_ad && p->is_authenticated && asks_ad)
		flags |= DNS_FLAG_AD;
	if (p->is_authoritative)
		flags |= DNS_FLAG_AA;
	if (truncated)
		flags |= DNS_FLAG_TC;
	return (uint16_t)flags;
}

int dns_answer_emit(const struct dns_prepared *p, const struct dns_query *query,
                    const struct dns_emit *emit, uint8_t *room, size_t size_max)
{
	if (query->question.size != p->question_size)
		return ERR_INVALID;
	const struct dns_form *form = &p->forms[query->edns.wants_dnssec];
	const uint8_t *block = (const uint8_t *)p, *wire = block + form->wire_at;
	const uint16_t *ttls = (const uint16_t *)(const void *)(block + form->ttl_at);
	if (size_max > DNS_MESSAGE_SIZE_MAX)
		size_max = DNS_MESSAGE_SIZE_MAX;
	size_t kept = emit->opt ? dns_opt_size_min(emit->opt) : 0;
	if (kept + DNS_HEADER_SIZE + p->question_size > size_max)
		return ERR_LIMIT;
	struct part part = form->wire_size + kept <= size_max
	                           ? whole_form(form, wire)
	                           : cut_form(form, wire, ttls, p->question_size, size_max - kept);
	put_u16(room, query->id);
	put_u16(room + 2, answer_flags(p, query, emit, part.truncated));
	part.counts[DNS_ADDITIONAL] += emit->opt ? 1 : 0;
	for (int i = 0; i < DNS_SECTIONS; i++)
		put_u16(room + 4 + 2 * i, part.counts[i]);
	size_t records_at = DNS_HEADER_SIZE + p->question_size;
	memcpy(room + DNS_HEADER_SIZE, query->question.bytes, p->question_size);
	memcpy(room + records_at, wire + records_at, part.size - records_at);
	age_ttls(room, ttls, part.records, emit);
	if (!emit->opt)
		return (int)part.size;
	struct writer w = writer_open(room, size_max);
	w.at += part.size;
	dns_opt_write(&w, emit->opt, p->rcode);
	return w.failed ? ERR_LIMIT : (int)writer_size(&w);
}
