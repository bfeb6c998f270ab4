#include "tests/gate_dns/fixture.h"
#include "tests/test.h"
#include "wire/dns_scrub.h"

enum { TTL_MAX = 86400 };

static uint8_t packet[4096], room[4096];

/* An answer to www.example A: records of the answer section, and one of the additional section if it has a name. */
static struct view answer_of(const struct fixture_record *records, size_t count,
                             const char *additional, uint32_t ttl)
{
	uint8_t asked[512];
	struct dns_query query;
	struct dns_builder b;
	struct view wire = fixture_query(asked, "www.example", DNS_TYPE_A, 7, FIXTURE_NO_EDNS);
	assert_int_equal(dns_query_parse(wire, &query), DNS_QUERY_OK);
	dns_build_open(&b, packet, sizeof(packet), &query, DNS_RCODE_NOERROR, NULL);
	for (size_t i = 0; i < count; i++) {
		struct dname owner = fixture_name(records[i].owner);
		if (records[i].type == DNS_TYPE_CNAME) {
			struct dname target = fixture_name(records[i].data);
			dns_build_cname(&b, &owner, ttl, &target);
		} else {
			struct address a = fixture_address(records[i].data);
			dns_build_address(&b, &owner, ttl, view_of(a.bytes, a.size));
		}
	}
	if (additional) {
		struct dname owner = fixture_name(additional);
		dns_build_record(&b, DNS_ADDITIONAL, &owner, DNS_TYPE_A, ttl,
		                 view_of("\1\2\3\4", 4));
	}
	int size = dns_build_close(&b);
	assert_true(size > 0);
	return view_of(packet, (size_t)size);
}

static struct dns_header header_of(struct view message)
{
	struct dns_header h;
	assert_int_equal(dns_header_parse(message, &h), OK);
	return h;
}

static void an_answer_that_keeps_to_its_question_stays_as_it_is(void **state)
{
	(void)state;
	static const struct fixture_record records[] = {
		{"www.example", DNS_TYPE_CNAME, "a.other", {0}},
		{"a.other", DNS_TYPE_CNAME, "b.other", {0}},
		{"b.other", DNS_TYPE_A, "192.0.2.1", {0}}};
	struct view scrubbed, whole = answer_of(records, 3, NULL, 300);
	assert_int_equal(dns_scrub(whole, TTL_MAX, room, sizeof(room), &scrubbed), OK);
	assert_ptr_equal(scrubbed.bytes, whole.bytes);
}

static void aliases_may_stand_in_any_order(void **state)
{
	(void)state;
	static const struct fixture_record records[] = {
		{"b.other", DNS_TYPE_A, "192.0.2.1", {0}},
		{"a.other", DNS_TYPE_CNAME, "b.other", {0}},
		{"www.example", DNS_TYPE_CNAME, "a.other", {0}}};
	struct view scrubbed, whole = answer_of(records, 3, NULL, 300);
	assert_int_equal(dns_scrub(whole, TTL_MAX, room, sizeof(room), &scrubbed), OK);
	assert_int_equal(header_of(scrubbed).counts[DNS_ANSWER], 3);
}

static void records_of_others_go_wherever_they_stand(void **state)
{
	(void)state;
	static const struct fixture_record records[] = {
		{"bank.example", DNS_TYPE_A, "203.0.113.1", {0}},
		{"www.example", DNS_TYPE_A, "192.0.2.1", {0}},
		{"x.www.example", DNS_TYPE_A, "203.0.113.2", {0}},
		{"example", DNS_TYPE_A, "203.0.113.3", {0}}};
	struct view scrubbed, whole = answer_of(records, 4, "bank.example", 300);
	assert_int_equal(dns_scrub(whole, TTL_MAX, room, sizeof(room), &scrubbed), OK);
	assert_int_equal(header_of(scrubbed).counts[DNS_ANSWER], 1);
	assert_int_equal(header_of(scrubbed).counts[DNS_ADDITIONAL], 0);
	assert_int_equal(header_of(scrubbed).id, 7);
}

static void no_ttl_is_over_the_limit(void **state)
{
	(void)state;
	static const struct fixture_record record = {"www.example", DNS_TYPE_A, "192.0.2.1", {0}};
	struct dns_walk w;
	struct dns_record r;
	struct view scrubbed, whole = answer_of(&record, 1, NULL, TTL_MAX + 1);
	assert_int_equal(dns_scrub(whole, TTL_MAX, room, sizeof(room), &scrubbed), OK);
	assert_int_equal(dns_walk_open(scrubbed, &w), OK);
	assert_int_equal(dns_walk_next(&w, &r), 1);
	assert_int_equal(r.ttl, TTL_MAX);
}

static void an_answer_that_ends_in_an_alias_says_where_to_go_on(void **state)
{
	(void)state;
	static const struct fixture_record records[] = {
		{"www.example", DNS_TYPE_CNAME, "a.other", {0}},
		{"a.other", DNS_TYPE_CNAME, "b.other", {0}},
		{"b.other", DNS_TYPE_A, "192.0.2.1", {0}}};
	struct dname target, expected = fixture_name("b.other");
	assert_true(dns_ends_in_alias(answer_of(records, 2, NULL, 300), &target));
	assert_true(dname_equal(&target, &expected));
	assert_false(dns_ends_in_alias(answer_of(records, 3, NULL, 300), &target));
	assert_false(dns_ends_in_alias(answer_of(records, 0, NULL, 300), &target));
}

static void every_prefix_is_refused(void **state)
{
	(void)state;
	static const struct fixture_record records[] = {
		{"www.example", DNS_TYPE_CNAME, "a.other", {0}},
		{"a.other", DNS_TYPE_A, "192.0.2.1", {0}}};
	struct view scrubbed, whole = answer_of(records, 2, "bank.example", 300);
	for (size_t size = 0; size < whole.size; size++)
		assert_true(dns_scrub(view_of(whole.bytes, size), TTL_MAX, room, sizeof(room),
		                      &scrubbed) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_keeps_to_its_question_stays_as_it_is),
		cmocka_unit_test(aliases_may_stand_in_any_order),
		cmocka_unit_test(records_of_others_go_wherever_they_stand),
		cmocka_unit_test(no_ttl_is_over_the_limit),
		cmocka_unit_test(an_answer_that_ends_in_an_alias_says_where_to_go_on),
		cmocka_unit_test(every_prefix_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
