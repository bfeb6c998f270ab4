#include "tests/test.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_answer.h"

static _Alignas(8) uint8_t block[16384];

static const struct dns_prepared *prepare(struct view message)
{
	int size = dns_answer_prepare(message, block, sizeof(block));
	assert_true(size > 0);
	const struct dns_prepared *p = (const struct dns_prepared *)(const void *)block;
	assert_int_equal(p->size, size);
	return p;
}

/* A query with the question of `message`. */
static struct dns_query query_for(struct view message, bool dnssec)
{
	struct dns_question question;
	assert_int_equal(dns_question_parse(message, &question), OK);
	return (struct dns_query){
		.id = 0xbeef,
		.flags = DNS_FLAG_RD,
		.type = question.type,
		.class = question.class,
		.name = question.name,
		.question =
			view_of(message.bytes + DNS_HEADER_SIZE, question.end - DNS_HEADER_SIZE),
		.edns = {.is_present = true, .wants_dnssec = dnssec},
	};
}

static unsigned count_type(struct view message, uint16_t type)
{
	struct dns_walk w;
	struct dns_record record;
	unsigned count = 0;
	int r;
	assert_int_equal(dns_walk_open(message, &w), OK);
	while ((r = dns_walk_next(&w, &record)) > 0)
		count += record.type == type;
	assert_int_equal(r, OK);
	return count;
}

static struct view emit(const struct dns_prepared *p, const struct dns_query *q,
                        const struct dns_emit *how, size_t size_max)
{
	static uint8_t room[8192];
	int size = dns_answer_emit(p, q, how, room, size_max);
	assert_in_range(size, 12, size_max);
	return view_of(room, (size_t)size);
}

static uint16_t flags_of(struct view message)
{
	struct dns_header header;
	assert_int_equal(dns_header_parse(message, &header), OK);
	return header.flags;
}

static void the_client_gets_its_own_id_case_and_flags(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_A);
	struct dns_query q;
	assert_int_equal(dns_query_parse(QUERY_PLAIN, &q), DNS_QUERY_OK);
	struct dns_emit how = {.age = 10};
	struct view out = emit(p, &q, &how, 512);
	assert_memory_equal(out.bytes, "\x12\x34\x81\x80\0\1\0\2\0\0\0\0\3wWw\7ExAmple\3com", 28);
	assert_int_equal(count_type(out, DNS_TYPE_OPT), 0);
	assert_int_equal(p->ttl_min, 300);
	assert_false(p->is_negative);
}

static void ttls_shrink_with_age_and_stop_at_zero(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_CNAME_SIGNED);
	struct dns_query q = query_for(MESSAGE_CNAME_SIGNED, true);
	assert_int_equal(p->ttl_min, 60);
	static const struct {
		struct dns_emit how;
		uint32_t cname, a;
	} cases[] = {
		{{.age = 0}, 600, 60},
		{{.age = 59}, 541, 1},
		{{.age = 100}, 500, 0},
		{{.age = 100, .is_stale = true}, 30, 30},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dns_walk w;
		struct dns_record record;
		assert_int_equal(dns_walk_open(emit(p, &q, &cases[i].how, 1232), &w), OK);
		assert_int_equal(dns_walk_next(&w, &record), 1);
		assert_int_equal(record.ttl, cases[i].cname);
		assert_int_equal(dns_walk_next(&w, &record), 1);
		assert_int_equal(dns_walk_next(&w, &record), 1);
		assert_int_equal(record.type, DNS_TYPE_A);
		assert_int_equal(record.ttl, cases[i].a);
	}
}

static void dnssec_records_are_for_those_who_ask(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_NODATA_SIGNED);
	struct dns_emit how = {0};
	struct dns_query with = query_for(MESSAGE_NODATA_SIGNED, true);
	struct dns_query without = query_for(MESSAGE_NODATA_SIGNED, false);
	struct view out = emit(p, &with, &how, 1232);
	assert_int_equal(count_type(out, DNS_TYPE_RRSIG), 1);
	assert_int_equal(count_type(out, DNS_TYPE_NSEC), 1);
	out = emit(p, &without, &how, 1232);
	assert_int_equal(count_type(out, DNS_TYPE_RRSIG), 0);
	assert_int_equal(count_type(out, DNS_TYPE_NSEC), 0);
	assert_int_equal(count_type(out, DNS_TYPE_SOA), 1);
}

static void ad_goes_out_only_when_allowed_and_asked(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_CNAME_SIGNED);
	struct dns_query q = query_for(MESSAGE_CNAME_SIGNED, false);
	struct dns_emit how = {.keep_ad = true};
	assert_false(flags_of(emit(p, &q, &how, 1232)) & DNS_FLAG_AD);
	q.flags |= DNS_FLAG_AD | DNS_FLAG_CD;
	assert_true(flags_of(emit(p, &q, &how, 1232)) & DNS_FLAG_AD);
	assert_true(flags_of(emit(p, &q, &how, 1232)) & DNS_FLAG_CD);
	how.keep_ad = false;
	assert_false(flags_of(emit(p, &q, &how, 1232)) & DNS_FLAG_AD);
}

static void a_negative_answer_lives_as_long_as_its_soa_says(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_NXDOMAIN);
	assert_true(p->is_negative);
	assert_int_equal(p->rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(p->ttl_min, 300);
	struct dns_query q = query_for(MESSAGE_NXDOMAIN, false);
	struct dns_emit how = {.age = 100};
	struct dns_walk w;
	struct dns_record record;
	assert_int_equal(dns_walk_open(emit(p, &q, &how, 512), &w), OK);
	assert_int_equal(dns_walk_next(&w, &record), 1);
	assert_int_equal(record.ttl, 200);
	p = prepare(MESSAGE_NODATA_SIGNED);
	assert_true(p->is_negative);
	assert_int_equal(p->ttl_min, 300);
}

static void a_failure_is_not_kept_and_its_extended_error_is_known(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_SERVFAIL);
	assert_int_equal(p->ttl_min, 0);
	assert_int_equal(p->rcode, DNS_RCODE_SERVFAIL);
	assert_true(p->has_ede);
	assert_int_equal(p->ede_code, DNS_EDE_DNSSEC_BOGUS);
}

static void our_own_opt_replaces_the_upstream_s(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_A);
	struct dns_query q = query_for(MESSAGE_A, false);
	struct dns_opt opt = {.udp_size = 777, .padding_block = DNS_PADDING_BLOCK};
	struct dns_emit how = {.opt = &opt};
	struct view out = emit(p, &q, &how, 1232);
	assert_int_equal(count_type(out, DNS_TYPE_OPT), 1);
	assert_int_equal(out.size, DNS_PADDING_BLOCK);
}

static void a_small_limit_cuts_whole_records(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_MANY);
	struct dns_query q = query_for(MESSAGE_MANY, false);
	struct dns_opt opt = {.udp_size = 1232};
	struct dns_emit how = {.opt = &opt, .age = 1};
	size_t fixed = DNS_HEADER_SIZE + p->question_size + dns_opt_size_min(&opt);
	uint8_t room[64];
	assert_int_equal(dns_answer_emit(p, &q, &how, room, fixed - 1), ERR_LIMIT);
	for (size_t limit = fixed; limit < 2100; limit++) {
		struct view out = emit(p, &q, &how, limit);
		unsigned count = count_type(out, DNS_TYPE_A);
		assert_int_equal(count, (limit - fixed) / 16 < 120 ? (limit - fixed) / 16 : 120);
		assert_int_equal(!!(flags_of(out) & DNS_FLAG_TC), count < 120);
		assert_int_equal(count_type(out, DNS_TYPE_OPT), 1);
	}
}

static void additional_records_are_the_first_to_go(void **state)
{
	(void)state;
	const struct dns_prepared *p = prepare(MESSAGE_CNAME_SIGNED);
	struct dns_query q = query_for(MESSAGE_CNAME_SIGNED, false);
	struct dns_emit how = {0};
	struct view whole = emit(p, &q, &how, 1232);
	assert_int_equal(count_type(whole, DNS_TYPE_A), 2);
	struct view cut = emit(p, &q, &how, whole.size - 1);
	assert_int_equal(count_type(cut, DNS_TYPE_A), 1);
	assert_int_equal(count_type(cut, DNS_TYPE_NS), 2);
	assert_false(flags_of(cut) & DNS_FLAG_TC);
}

static void what_is_no_whole_answer_is_refused(void **state)
{
	(void)state;
	uint8_t bytes[512];
	struct view message = MESSAGE_A;
	memcpy(bytes, message.bytes, message.size);
	struct view changed = view_of(bytes, message.size);
	bytes[2] |= 0x02; /* TC */
	assert_int_equal(dns_answer_prepare(changed, block, sizeof(block)), ERR_MALFORMED);
	bytes[2] = 0x01; /* a query */
	assert_int_equal(dns_answer_prepare(changed, block, sizeof(block)), ERR_MALFORMED);
	for (size_t size = 0; size < message.size; size++)
		assert_int_equal(
			dns_answer_prepare(view_of(message.bytes, size), block, sizeof(block)),
			ERR_TRUNCATED);
}

static void a_room_that_is_too_small_is_said(void **state)
{
	(void)state;
	size_t needed = prepare(MESSAGE_CNAME_SIGNED)->size;
	for (size_t size = 0; size < needed; size++)
		assert_int_equal(dns_answer_prepare(MESSAGE_CNAME_SIGNED, block, size), ERR_LIMIT);
	assert_int_equal(dns_answer_prepare(MESSAGE_CNAME_SIGNED, block, needed), needed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_gets_its_own_id_case_and_flags),
		cmocka_unit_test(ttls_shrink_with_age_and_stop_at_zero),
		cmocka_unit_test(dnssec_records_are_for_those_who_ask),
		cmocka_unit_test(ad_goes_out_only_when_allowed_and_asked),
		cmocka_unit_test(a_negative_answer_lives_as_long_as_its_soa_says),
		cmocka_unit_test(a_failure_is_not_kept_and_its_extended_error_is_known),
		cmocka_unit_test(our_own_opt_replaces_the_upstream_s),
		cmocka_unit_test(a_small_limit_cuts_whole_records),
		cmocka_unit_test(additional_records_are_the_first_to_go),
		cmocka_unit_test(what_is_no_whole_answer_is_refused),
		cmocka_unit_test(a_room_that_is_too_small_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
