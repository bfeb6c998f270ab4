#include "gate/dns/upstream_message.h"

#include "wire/dns_edns.h"
#include "wire/dns_message.h"

enum { CASE_BIT = 0x20 };

static bool is_letter(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

void upstream_question_write(struct upstream_question *q, const struct dname *name, uint16_t type,
                             const uint8_t random[UPSTREAM_CASE_SIZE])
{
	struct writer w = writer_open(q->bytes, sizeof(q->bytes));
	write_view(&w, dname_view(name));
	write_u16(&w, type);
	write_u16(&w, DNS_CLASS_IN);
	q->size = (uint16_t)writer_size(&w);
	if (!random)
		return;
	/* a length is below 64 and so no letter */
	for (size_t i = 0; i < name->size; i++) {
		if (is_letter(q->bytes[i]) && random[i / 8] >> i % 8 & 1)
			q->bytes[i] ^= CASE_BIT;
	}
}

size_t upstream_query_write(const struct upstream_question *q, uint16_t id,
                            const struct upstream_form *form,
                            uint8_t room[static UPSTREAM_QUERY_SIZE_MAX])
{
	struct writer w = writer_open(room, UPSTREAM_QUERY_SIZE_MAX);
	struct dns_opt opt = {.udp_size = UPSTREAM_UDP_SIZE,
	                      .dnssec = true,
	                      .padding_block = form->is_padded ? UPSTREAM_PADDING_BLOCK : 0};
	write_u16(&w, id);
	write_u16(&w, DNS_FLAG_RD | (form->is_unchecked ? DNS_FLAG_CD : 0U));
	write_u16(&w, 1);
	write_u32(&w, 0);
	write_u16(&w, form->has_edns);
	write_bytes(&w, q->bytes, q->size);
	if (form->has_edns)
		dns_opt_write(&w, &opt, 0);
	return writer_size(&w);
}

static bool equal_but_for_case(const uint8_t *a, const struct upstream_question *q)
{
	for (size_t i = 0; i < q->size; i++) {
		uint8_t letter = q->bytes[i] | CASE_BIT;
		bool may_differ = i + 4 < q->size && is_letter(letter);
		if (a[i] != q->bytes[i] && !(may_differ && (a[i] | CASE_BIT) == letter))
			return false;
	}
	return true;
}

static enum upstream_verdict judge_code(uint16_t flags, bool had_edns)
{
	switch (flags & DNS_FLAGS_RCODE) {
	case DNS_RCODE_NOERROR:
	case DNS_RCODE_NXDOMAIN: return UPSTREAM_ANSWERED;
	case DNS_RCODE_FORMERR:
	case DNS_RCODE_NOTIMP: return had_edns ? UPSTREAM_NO_EDNS : UPSTREAM_FAILED;
	default: return UPSTREAM_FAILED;
	}
}

enum upstream_verdict upstream_judge(struct view packet, const struct upstream_question *q,
                                     bool had_edns)
{
	struct dns_header header;
	if (dns_header_parse(packet, &header) < 0 || !(header.flags & DNS_FLAG_QR) ||
	    header.flags & DNS_FLAGS_OPCODE)
		return UPSTREAM_STRANGE;
	/* a server that does not understand EDNS may not even repeat the question */
	if (packet.size == DNS_HEADER_SIZE && header.counts[DNS_QUESTION] == 0)
		return judge_code(header.flags, had_edns) == UPSTREAM_ANSWERED
		               ? UPSTREAM_STRANGE
		               : judge_code(header.flags, had_edns);
	if (header.counts[DNS_QUESTION] != 1 || packet.size < DNS_HEADER_SIZE + (size_t)q->size)
		return UPSTREAM_STRANGE;
	const uint8_t *asked = packet.bytes + DNS_HEADER_SIZE;
	if (memcmp(asked, q->bytes, q->size) != 0)
		return equal_but_for_case(asked, q) ? UPSTREAM_OTHER_CASE : UPSTREAM_STRANGE;
	if (header.flags & DNS_FLAG_TC)
		return UPSTREAM_TRUNCATED;
	return judge_code(header.flags, had_edns);
}
