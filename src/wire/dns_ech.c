#include "wire/dns_ech.h"

#include "wire/dns_message.h"
#include "wire/dns_pack.h"
#include "wire/dns_svcb.h"

static bool is_service(uint16_t type)
{
	return type == DNS_TYPE_SVCB || type == DNS_TYPE_HTTPS;
}

static bool names_ech(struct view mandatory)
{
	for (size_t i = 0; i + 1 < mandatory.size; i += 2) {
		if (mandatory.bytes[i] == 0 && mandatory.bytes[i + 1] == DNS_SVCB_ECH)
			return true;
	}
	return false;
}

static bool record_has_ech(struct view rdata)
{
	struct dns_svcb svcb;
	struct view value;
	if (dns_svcb_parse(rdata, &svcb) < 0)
		return true;
	if (dns_svcb_find(&svcb, DNS_SVCB_ECH, &value) == OK)
		return true;
	return dns_svcb_find(&svcb, DNS_SVCB_MANDATORY, &value) == OK && names_ech(value);
}

bool dns_message_has_ech(struct view message)
{
	struct dns_walk w;
	struct dns_record record;
	int r = dns_walk_open(message, &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		if (is_service(record.type) && record_has_ech(record.rdata))
			return true;
	}
	return r < 0;
}

static bool signs_service(const struct dns_record *record)
{
	return record->type == DNS_TYPE_RRSIG && record->rdata.size >= 2 &&
	       is_service((uint16_t)(record->rdata.bytes[0] << 8 | record->rdata.bytes[1]));
}

static int copy_service(struct dns_pack *p, struct view message, const struct dns_record *record)
{
	size_t next;
	struct dname owner;
	int r = dns_name_expand(message, record->at, &owner, &next);
	if (r < 0)
		return r;
	uint8_t *rdlength = dns_pack_begin(p, &owner, record->type, record->class, record->ttl);
	r = dns_svcb_write_without(record->rdata, DNS_SVCB_ECH, &p->out);
	if (r < 0)
		return r;
	dns_pack_end(p, record->section, rdlength);
	return OK;
}

/* Copies the questions as they are: each is uncompressed, or points to an earlier one. */
static int copy_questions(struct dns_pack *p, struct view message, const struct dns_walk *w)
{
	size_t at = DNS_HEADER_SIZE;
	for (unsigned i = 0; i < w->header.counts[DNS_QUESTION]; i++) {
		struct dname name;
		int r = dns_name_expand(message, at, &name, &at);
		if (r < 0)
			return r;
		dns_pack_name(p, &name, false);
		write_bytes(&p->out, message.bytes + at, 4);
		p->counts[DNS_QUESTION]++;
		at += 4;
	}
	return OK;
}

int dns_message_strip_ech(struct view message, uint8_t *room, size_t room_size)
{
	bool strips = dns_message_has_ech(message);
	struct dns_walk w;
	struct dns_record record;
	struct dns_pack p;
	int r = dns_walk_open(message, &w);
	if (r < 0)
		return r;
	dns_pack_open(&p, room, room_size);
	r = copy_questions(&p, message, &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		if (is_service(record.type))
			r = copy_service(&p, message, &record);
		else if (!strips || !signs_service(&record))
			r = dns_pack_copy(&p, message, &record);
	}
	if (r < 0)
		return r;
	uint16_t flags = w.header.flags & (uint16_t) ~(strips ? DNS_FLAG_AD : 0);
	return dns_pack_close(&p, w.header.id, flags);
}
