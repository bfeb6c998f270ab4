/* fuzz_upstream_answer.c - what comes back from an upstream server, up to the point where it is believed.
 *
 * Input: the packet; the question is for www.example, with its letters as here. Whatever it is: what is taken for
 * an answer repeats the question, and what is left of it has no record that does not belong to it. */
#include "gate/dns/upstream_message.h"
#include "tests/fuzz/check.h"
#include "tests/gate_dns/fixture.h"
#include "wire/dns_scrub.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { TTL_MAX = 86400 };

static uint8_t room[65535], again[65535];

static void check_scrubbed(struct view scrubbed)
{
	struct dns_walk w;
	struct dns_record r;
	struct view twice;
	int more;
	CHECK(dns_walk_open(scrubbed, &w) == OK);
	while ((more = dns_walk_next(&w, &r)) > 0) {
		CHECK(r.type == DNS_TYPE_OPT || r.ttl <= TTL_MAX);
		CHECK(r.section != DNS_ADDITIONAL || r.type == DNS_TYPE_OPT);
	}
	CHECK(more == 0);
	/* there is nothing more to take out */
	CHECK(dns_scrub(scrubbed, TTL_MAX, again, sizeof(again), &twice) == OK);
	CHECK(twice.bytes == scrubbed.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const uint8_t letters[UPSTREAM_CASE_SIZE] = {0x55, 0xaa};
	struct view packet = view_of(bytes, size), scrubbed;
	struct upstream_question q;
	struct dname name = fixture_name("www.example");
	upstream_question_write(&q, &name, DNS_TYPE_A, letters);
	enum upstream_verdict verdict = upstream_judge(packet, &q, true);
	if (verdict == UPSTREAM_ANSWERED || verdict == UPSTREAM_TRUNCATED)
		CHECK(memcmp(bytes + DNS_HEADER_SIZE, q.bytes, q.size) == 0);
	if (dns_scrub(packet, TTL_MAX, room, sizeof(room), &scrubbed) == OK)
		check_scrubbed(scrubbed);
	if (dns_ends_in_alias(packet, &name))
		CHECK(name.size > 0 && name.bytes[name.size - 1] == 0);
	return 0;
}
