/* Any packet gets a verdict; every verdict but DROP can be answered with a message that is whole. */
#include <assert.h>

#include "wire/dns_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void answer(const struct dns_query *q, enum dns_query_verdict verdict, size_t size_max)
{
	static uint8_t room[1500];
	struct dns_opt opt = {.udp_size = 1232,
	                      .dnssec = q->edns.wants_dnssec,
	                      .cookie = q->edns.cookie,
	                      .has_ede = true,
	                      .ede_code = DNS_EDE_BLOCKED,
	                      .ede_text =
	                              view_text("\xe4\xbe\x9d\xe6\xb3\x95\xe7\xa6\x81\xe6\xad\xa2"),
	                      .padding_block = q->edns.has_padding ? DNS_PADDING_BLOCK : 0};
	struct dns_builder b;
	dns_build_open(&b, room, size_max, q, dns_query_rcode(verdict),
	               q->edns.is_present ? &opt : NULL);
	if (q->question.size) {
		dns_build_address(&b, &q->name, 60, view_of("\xc0\0\2\1", 4));
		dns_build_cname(&b, &q->name, 60, &q->name);
	}
	int size = dns_build_close(&b);
	if (size == ERR_LIMIT)
		return;
	assert(size >= DNS_HEADER_SIZE && (size_t)size <= size_max);
	struct dns_walk w;
	struct dns_record record;
	int r = dns_walk_open(view_of(room, (size_t)size), &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0)
		;
	assert(r == OK && w.header.id == q->id && w.header.flags & DNS_FLAG_QR);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dns_query q;
	memset(&q, 0xff, sizeof(q)); /* nothing may stay as it was */
	enum dns_query_verdict verdict = dns_query_parse(view_of(bytes, size), &q);
	if (verdict == DNS_QUERY_DROP)
		return 0;
	assert(verdict != DNS_QUERY_OK || q.question.size == q.name.size + 4u);
	if (q.question.size) {
		struct dname again;
		assert(dname_parse_wire(dname_view(&q.name), &again) == OK);
		assert(dname_equal(&q.name, &again) && q.name.labels == again.labels);
	}
	answer(&q, verdict, 1500);
	answer(&q, verdict, dns_query_udp_size_max(&q, 1232));
	answer(&q, verdict, size < 1500 ? size : 1500);
	return 0;
}
