#include "wire/dns_build.h"

enum { OPCODE_AND_COPIED = DNS_FLAGS_OPCODE | DNS_FLAG_RD | DNS_FLAG_CD };

void dns_build_open(struct dns_builder *b, uint8_t *room, size_t size_max,
                    const struct dns_query *query, uint16_t rcode, const struct dns_opt *opt)
{
	if (size_max > DNS_MESSAGE_SIZE_MAX)
		size_max = DNS_MESSAGE_SIZE_MAX;
	size_t kept = opt ? dns_opt_size_min(opt) : 0;
	b->opt = opt;
	b->end = room + size_max;
	b->id = query->id;
	b->flags = DNS_FLAG_QR | DNS_FLAG_RA | (query->flags & OPCODE_AND_COPIED);
	b->rcode = rcode > DNS_FLAGS_RCODE && !opt ? DNS_RCODE_SERVFAIL : rcode;
	b->section = DNS_ANSWER;
	b->truncated = false;
	dns_pack_open(&b->pack, room, size_max > kept ? size_max - kept : 0);
	dns_pack_question(&b->pack, query->question);
	b->error = b->pack.out.failed ? ERR_LIMIT : OK;
}

void dns_build_flags(struct dns_builder *b, uint16_t flags)
{
	b->flags |= flags & (DNS_FLAG_AA | DNS_FLAG_AD);
}

/* Starts a record, or returns false when there is nothing to write any more. */
static bool may_write(struct dns_builder *b, enum dns_section section)
{
	if (b->error < 0)
		return false;
	if (section < b->section || section > DNS_ADDITIONAL) {
		b->error = ERR_INVALID;
		return false;
	}
	b->section = section;
	return !b->truncated;
}

/* Closes a record; takes it back whole when it did not fit. */
static void end_record(struct dns_builder *b, struct dns_pack_mark mark, uint8_t *rdlength)
{
	if (!b->pack.out.failed) {
		dns_pack_end(&b->pack, b->section, rdlength);
		return;
	}
	dns_pack_rewind(&b->pack, mark);
	b->truncated = true;
	if (b->section != DNS_ADDITIONAL)
		b->flags |= DNS_FLAG_TC;
}

void dns_build_record(struct dns_builder *b, enum dns_section section, const struct dname *owner,
                      uint16_t type, uint32_t ttl, struct view rdata)
{
	if (!may_write(b, section))
		return;
	if (rdata.size > UINT16_MAX) {
		b->error = ERR_INVALID;
		return;
	}
	struct dns_pack_mark mark = dns_pack_mark(&b->pack);
	uint8_t *rdlength = dns_pack_begin(&b->pack, owner, type, DNS_CLASS_IN, ttl);
	write_view(&b->pack.out, rdata);
	end_record(b, mark, rdlength);
}

void dns_build_address(struct dns_builder *b, const struct dname *owner, uint32_t ttl,
                       struct view address)
{
	if (address.size != 4 && address.size != 16) {
		b->error = ERR_INVALID;
		return;
	}
	uint16_t type = address.size == 4 ? DNS_TYPE_A : DNS_TYPE_AAAA;
	dns_build_record(b, DNS_ANSWER, owner, type, ttl, address);
}

void dns_build_cname(struct dns_builder *b, const struct dname *owner, uint32_t ttl,
                     const struct dname *target)
{
	if (!may_write(b, DNS_ANSWER))
		return;
	struct dns_pack_mark mark = dns_pack_mark(&b->pack);
	uint8_t *rdlength = dns_pack_begin(&b->pack, owner, DNS_TYPE_CNAME, DNS_CLASS_IN, ttl);
	dns_pack_name(&b->pack, target, true);
	end_record(b, mark, rdlength);
}

void dns_build_soa(struct dns_builder *b, const struct dname *owner, uint32_t ttl,
                   const struct dns_soa *soa)
{
	if (!may_write(b, DNS_AUTHORITY))
		return;
	struct dns_pack_mark mark = dns_pack_mark(&b->pack);
	uint8_t *rdlength = dns_pack_begin(&b->pack, owner, DNS_TYPE_SOA, DNS_CLASS_IN, ttl);
	dns_pack_name(&b->pack, &soa->primary, true);
	dns_pack_name(&b->pack, &soa->mailbox, true);
	write_u32(&b->pack.out, soa->serial);
	write_u32(&b->pack.out, soa->refresh);
	write_u32(&b->pack.out, soa->retry);
	write_u32(&b->pack.out, soa->expire);
	write_u32(&b->pack.out, soa->minimum);
	end_record(b, mark, rdlength);
}

size_t dns_build_left(const struct dns_builder *b)
{
	size_t used = writer_size(&b->pack.out) + (b->opt ? dns_opt_size_min(b->opt) : 0);
	size_t size = (size_t)(b->end - b->pack.out.begin);
	return b->error < 0 || used > size ? 0 : size - used;
}

int dns_build_close(struct dns_builder *b)
{
	if (b->error < 0)
		return b->error;
	if (b->opt) {
		b->pack.out.end = b->end;
		dns_opt_write(&b->pack.out, b->opt, b->rcode);
		b->pack.counts[DNS_ADDITIONAL]++;
	}
	return dns_pack_close(&b->pack, b->id, b->flags | (b->rcode & DNS_FLAGS_RCODE));
}
