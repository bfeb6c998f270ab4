/* What can be walked can be rewritten: without ECH, and as the answer to a client. */
#include <assert.h>

#include "wire/dns_answer.h"
#include "wire/dns_ech.h"
#include "wire/dns_rdata.h"
#include "wire/dns_svcb.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Counts the records other than OPT; the message must be whole. */
static unsigned check_whole(struct view message, bool may_have_ech)
{
	struct dns_walk w;
	struct dns_record record;
	unsigned count = 0;
	int r = dns_walk_open(message, &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		struct dname name;
		assert(dns_record_name(message, &record, &name) == OK);
		count += record.type != DNS_TYPE_OPT;
	}
	assert(r == OK);
	assert(may_have_ech || !dns_message_has_ech(message));
	return count;
}

static void read_all(struct view message)
{
	struct dns_walk w;
	struct dns_record record;
	if (dns_walk_open(message, &w) < 0)
		return;
	while (dns_walk_next(&w, &record) > 0) {
		struct dname name;
		struct dns_soa soa;
		struct dns_svcb svcb;
		struct view value;
		(void)!dns_record_name(message, &record, &name);
		(void)!dns_rdata_name(message, &record, &name);
		(void)!dns_rdata_soa(message, &record, &soa);
		if (dns_svcb_parse(record.rdata, &svcb) == OK)
			(void)!dns_svcb_find(&svcb, DNS_SVCB_ALPN, &value);
	}
}

static void emit(const struct dns_prepared *p, struct view message, bool dnssec, size_t size_max)
{
	static uint8_t room[DNS_MESSAGE_SIZE_MAX];
	struct dns_question question;
	int r = dns_question_parse(message, &question);
	assert(r == OK);
	struct dns_query q = {
		.id = 0x1234,
		.flags = DNS_FLAG_RD | DNS_FLAG_AD,
		.question =
			view_of(message.bytes + DNS_HEADER_SIZE, question.end - DNS_HEADER_SIZE),
		.edns = {.wants_dnssec = dnssec},
	};
	struct dns_opt opt = {.udp_size = 1232, .dnssec = dnssec};
	struct dns_emit how = {.age = 7, .keep_ad = true, .opt = &opt};
	int size = dns_answer_emit(p, &q, &how, room, size_max);
	if (size == ERR_LIMIT)
		return;
	assert(size >= DNS_HEADER_SIZE && (size_t)size <= size_max);
	struct view out = view_of(room, (size_t)size);
	unsigned count = check_whole(out, true);
	assert(room[0] == 0x12 && room[1] == 0x34);
	const struct dns_form *form = &p->forms[dnssec];
	struct dns_header kept;
	assert(dns_header_parse(view_of((const uint8_t *)p + form->wire_at, form->wire_size),
	                        &kept) == OK);
	if (form->wire_size + dns_opt_size_min(&opt) <= size_max)
		assert(count == 0u + kept.counts[DNS_ANSWER] + kept.counts[DNS_AUTHORITY] +
		                        kept.counts[DNS_ADDITIONAL]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static _Alignas(8) uint8_t block[1 << 18];
	static uint8_t stripped[DNS_MESSAGE_SIZE_MAX];
	struct view message = view_of(bytes, size);
	read_all(message);
	int r = dns_message_strip_ech(message, stripped, sizeof(stripped));
	if (r > 0)
		check_whole(view_of(stripped, (size_t)r), false);
	r = dns_answer_prepare(message, block, sizeof(block));
	if (r < 0)
		return 0;
	const struct dns_prepared *p = (const struct dns_prepared *)(const void *)block;
	for (int dnssec = 0; dnssec < 2; dnssec++) {
		emit(p, message, dnssec, DNS_MESSAGE_SIZE_MAX);
		emit(p, message, dnssec, DNS_UDP_SIZE_MIN);
		emit(p, message, dnssec, size);
	}
	return 0;
}
