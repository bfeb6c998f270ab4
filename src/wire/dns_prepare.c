#include "wire/dns_answer.h"
#include "wire/dns_pack.h"
#include "wire/dns_rdata.h"

/* What the first walk learns. */
struct survey {
	struct dns_question question;
	struct dns_walk walk; /* at the first record */
	uint32_t ttl_min, negative_ttl;
	unsigned records[2]; /* of each form */
	bool has_answer, has_soa, has_ede;
	uint16_t ede_code;
};

/* Bytes of the block, filled from the front. */
struct block {
	uint8_t *bytes;
	size_t size, size_max;
};

/* True for records that a client without DO does not get unless it asks for their type. */
static bool is_dnssec_only(const struct dns_record *record, uint16_t asked)
{
	if (record->type == asked || asked == DNS_TYPE_ANY)
		return false;
	switch (record->type) {
	case DNS_TYPE_RRSIG:
	case DNS_TYPE_NSEC:
	case DNS_TYPE_NSEC3:
	case DNS_TYPE_DNSKEY: return true;
	case DNS_TYPE_DS: return record->section == DNS_AUTHORITY;
	default: return false;
	}
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static int survey_opt(const struct dns_record *record, struct survey *s)
{
	struct dns_edns edns;
	int r = dns_edns_parse(record->class, record->ttl, record->rdata, &edns);
	if (r < 0)
		return r;
	if (edns.rcode_high)
		return ERR_INVALID;
	s->has_ede = edns.has_ede;
	s->ede_code = edns.ede_code;
	return OK;
}

/* The SOA of a negative answer says how long it may be kept: RFC 2308 s5. */
static int survey_soa(struct view wire, const struct dns_record *record, struct survey *s)
{
	struct dns_soa soa;
	int r = dns_rdata_soa(wire, record, &soa);
	if (r < 0)
		return r;
	s->has_soa = true;
	s->negative_ttl = min_u32(record->ttl, soa.minimum > INT32_MAX ? 0 : soa.minimum);
	return OK;
}

static int survey_record(struct view wire, const struct dns_record *record, struct survey *s)
{
	if (record->type == DNS_TYPE_OPT)
		return survey_opt(record, s);
	s->ttl_min = min_u32(s->ttl_min, record->ttl);
	s->records[1]++;
	if (!is_dnssec_only(record, s->question.type))
		s->records[0]++;
	uint16_t asked = s->question.type;
	if (record->section == DNS_ANSWER && (record->type == asked || asked == DNS_TYPE_ANY))
		s->has_answer = true;
	if (record->section == DNS_AUTHORITY && record->type == DNS_TYPE_SOA)
		return survey_soa(wire, record, s);
	return s->records[1] > DNS_ANSWER_RECORDS_MAX ? ERR_LIMIT : OK;
}

static int survey_message(struct view wire, struct survey *s)
{
	*s = (struct survey){.ttl_min = INT32_MAX};
	int r = dns_question_parse(wire, &s->question);
	if (r == OK)
		r = dns_walk_open(wire, &s->walk);
	if (r < 0)
		return r;
	uint16_t flags = s->walk.header.flags;
	if (!(flags & DNS_FLAG_QR) || flags & (DNS_FLAG_TC | DNS_FLAGS_OPCODE))
		return ERR_MALFORMED;
	struct dns_walk w = s->walk;
	struct dns_record record;
	while ((r = dns_walk_next(&w, &record)) > 0) {
		r = survey_record(wire, &record, s);
		if (r < 0)
			return r;
	}
	return r;
}

/* Returns where `size` bytes may stand, aligned for a uint32_t; NULL when they do not fit. */
static uint8_t *block_space(struct block *b, size_t size)
{
	size_t at = (b->size + 3) & ~(size_t)3;
	if (at > b->size_max || size > b->size_max - at)
		return NULL;
	b->size = at + size;
	return b->bytes + at;
}

/* The SOA of a negative answer goes out with the TTL that the answer is kept for. */
static uint32_t ttl_of(const struct dns_record *record, const struct survey *s, bool negative)
{
	if (negative && record->section == DNS_AUTHORITY && record->type == DNS_TYPE_SOA)
		return s->negative_ttl;
	return record->ttl;
}

static int copy_records(struct view wire, const struct survey *s, bool dnssec, bool negative,
                        struct dns_pack *p, uint16_t *ttls)
{
	struct dns_walk w = s->walk;
	struct dns_record record;
	int r;
	while ((r = dns_walk_next(&w, &record)) > 0) {
		if (record.type == DNS_TYPE_OPT ||
		    (!dnssec && is_dnssec_only(&record, s->question.type)))
			continue;
		record.ttl = ttl_of(&record, s, negative);
		size_t begin = writer_size(&p->out), after;
		r = dns_pack_copy(p, wire, &record);
		if (r < 0)
			return r;
		if (p->out.failed)
			return ERR_LIMIT;
		r = dns_name_skip(view_of(p->out.begin, writer_size(&p->out)), begin, &after);
		if (r < 0)
			return r;
		*ttls++ = (uint16_t)(after + 4);
	}
	return r;
}

/* Writes one form: its TTL offsets, then its message. */
static int write_form(struct view wire, const struct survey *s, bool dnssec, bool negative,
                      struct block *b, struct dns_form *form)
{
	uint16_t *ttls = (uint16_t *)(void *)block_space(b, s->records[dnssec] * sizeof(uint16_t));
	uint8_t *image = ttls ? block_space(b, 0) : NULL;
	if (!image)
		return ERR_LIMIT;
	struct dns_pack p;
	dns_pack_open(&p, image, b->size_max - b->size);
	dns_pack_question(&p,
	                  view_of(wire.bytes + DNS_HEADER_SIZE, s->question.end - DNS_HEADER_SIZE));
	int r = copy_records(wire, s, dnssec, negative, &p, ttls);
	if (r < 0)
		return r;
	int size = dns_pack_close(&p, 0, 0);
	if (size < 0)
		return size;
	b->size += (size_t)size;
	form->ttl_at = (uint32_t)((uint8_t *)ttls - b->bytes);
	form->wire_at = (uint32_t)(image - b->bytes);
	form->wire_size = (uint32_t)size;
	return OK;
}

static uint32_t lifetime(const struct survey *s, unsigned rcode, bool negative)
{
	if (rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN)
		return 0;
	if (negative)
		return s->has_soa ? min_u32(s->ttl_min, s->negative_ttl) : 0;
	return s->ttl_min;
}

int dns_answer_prepare(struct view wire, void *room, size_t room_size)
{
	struct survey s;
	int r = survey_message(wire, &s);
	if (r < 0)
		return r;
	struct block b = {.bytes = room,
	                  .size_max = room_size < UINT32_MAX ? room_size : INT32_MAX};
	struct dns_prepared *p = (struct dns_prepared *)(void *)block_space(&b, sizeof(*p));
	if (!p)
		return ERR_LIMIT;
	unsigned rcode = s.walk.header.flags & DNS_FLAGS_RCODE;
	bool negative =
		rcode == DNS_RCODE_NXDOMAIN || (rcode == DNS_RCODE_NOERROR && !s.has_answer);
	*p = (struct dns_prepared){
		.question_size = (uint16_t)(s.question.end - DNS_HEADER_SIZE),
		.rcode = (uint8_t)rcode,
		.is_negative = negative,
		.is_authenticated = s.walk.header.flags & DNS_FLAG_AD,
		.has_ede = s.has_ede,
		.ede_code = s.ede_code,
		.ttl_min = lifetime(&s, rcode, negative),
	};
	bool negative_soa = negative && s.has_soa;
	r = write_form(wire, &s, true, negative_soa, &b, &p->forms[1]);
	p->forms[0] = p->forms[1];
	if (r == OK && s.records[0] != s.records[1])
		r = write_form(wire, &s, false, negative_soa, &b, &p->forms[0]);
	if (r < 0)
		return r;
	p->size = (uint32_t)b.size;
	return (int)b.size;
}
