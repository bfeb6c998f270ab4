#include "record/canonical.h"
#include "record/entry.h"
#include "record/event_fields.h"
#include "tests/test.h"

static void canonical_json_passes(void **state)
{
	(void)state;
	static const char *const good[] = {"{}",
	                                   "[]",
	                                   "null",
	                                   "true",
	                                   "false",
	                                   "0",
	                                   "-1",
	                                   "9007199254740991",
	                                   "-9007199254740991",
	                                   "\"\"",
	                                   "\"a\\\"b\\\\c\\n\\u0001\\u001f\"",
	                                   "\"\xe5\x8f\xb0\xe7\x81\xa3\"",
	                                   "\"\x7f/\"",
	                                   "{\"a\":1,\"aa\":[1,2,{\"b\":null}],\"b\":{}}",
	                                   "[[[[[[[[]]]]]]]]"};
	size_t at;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(canonical_check(view_text(good[i]), &at), OK);
}

static void anything_else_is_refused_at_its_byte(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		size_t offset;
	} bad[] = {{"", 0},
	           {" 1", 0},
	           {"1 ", 1},
	           {"{\"a\": 1}", 5},
	           {"{\"b\":1,\"a\":2}", 7},
	           {"{\"a\":1,\"a\":2}", 7},
	           {"{\"a\":1,}", 7},
	           {"01", 1},
	           {"-0", 2},
	           {"1.0", 1},
	           {"1e3", 1},
	           {"9007199254740992", 16},
	           {"\"\\u0009\"", 1},
	           {"\"\\u001F\"", 1},
	           {"\"\\u0041\"", 1},
	           {"\"\\/\"", 1},
	           {"\"\xff\"", 1},
	           {"\"\n\"", 1},
	           {"\"", 1},
	           {"{\"\\n\":1}", 1},
	           {"nul", 0},
	           {"[[[[[[[[[]]]]]]]]]", 8}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t at = 999;
		assert_int_equal(canonical_check(view_text(bad[i].json), &at), ERR_MALFORMED);
		assert_int_equal(at, bad[i].offset);
	}
}

static void entries_parse_as_they_were_written(void **state)
{
	(void)state;
	struct buffer out = {0};
	struct entry entry;
	struct arena arena = {0};
	assert_int_equal(entry_write_loss(&out, 1768435200000000, "dns \"1\"\n", 7, "ring full"),
	                 OK);
	assert_true(view_is(
		buffer_view(&out),
		"{\"data\":{\"count\":7,\"reason\":\"ring full\",\"source\":\"dns \\\"1\\\"\\n\"},"
		"\"kind\":\"loss\",\"time\":\"2026-01-15T00:00:00Z\"}"));
	assert_int_equal(entry_parse(buffer_view(&out), &entry, NULL), OK);
	assert_int_equal(entry.kind, ENTRY_LOSS);
	assert_int_equal(entry.time_us, 1768435200000000);
	assert_int_equal(entry_int(&entry, "count", -1), 7);
	assert_string_equal(entry_text(&entry, "source", &arena), "dns \"1\"\n");
	assert_null(entry_text(&entry, "absent", &arena));
	arena_done(&arena);
	buffer_done(&out);
}

static void packets_that_nobody_judged_are_a_loss(void **state)
{
	(void)state;
	struct buffer out = {0};
	struct entry entry;
	const struct entry_times times = {1768435201000000, 1768435200000000};
	const struct entry_unjudged unjudged = {"packet", "passed", "full", 7, 1768435199000000};
	assert_int_equal(entry_write_unjudged(&out, &times, &unjudged), OK);
	assert_true(view_is(buffer_view(&out),
	                    "{\"data\":{\"count\":7,\"happened\":\"2026-01-15T00:00:00Z\","
	                    "\"outcome\":\"passed\",\"reason\":\"full\","
	                    "\"since\":\"2026-01-14T23:59:59Z\",\"source\":\"packet\","
	                    "\"unit\":\"packets\"},"
	                    "\"kind\":\"loss\",\"time\":\"2026-01-15T00:00:01Z\"}"));
	assert_int_equal(entry_parse(buffer_view(&out), &entry, NULL), OK);
	assert_int_equal(entry.kind, ENTRY_LOSS);
	buffer_done(&out);
}

static void every_simple_kind_is_an_entry(void **state)
{
	(void)state;
	struct buffer out[5] = {0};
	struct entry entry;
	static const enum entry_kind kinds[] = {ENTRY_HEARTBEAT, ENTRY_START, ENTRY_STOP,
	                                        ENTRY_CONFIGURATION, ENTRY_LOSS};
	assert_int_equal(entry_write_heartbeat(&out[0], 0, "record", 60, NULL), OK);
	assert_int_equal(
		entry_write_start(&out[1], &(struct entry_times){1, 0}, "dns", "0.1.0", "00ff"),
		OK);
	assert_int_equal(entry_write_stop(&out[2], &(struct entry_times){2, 1}, "dns", NULL), OK);
	assert_int_equal(entry_write_configuration(&out[3], &(struct entry_times){3, 2}, "root",
	                                           "aa", "bb", "x"),
	                 OK);
	assert_int_equal(entry_write_loss(&out[4], 4, "dns", 1, NULL), OK);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(entry_parse(buffer_view(&out[i]), &entry, NULL), OK);
		assert_int_equal(entry.kind, kinds[i]);
		assert_int_equal(entry.time_us, i);
		buffer_done(&out[i]);
	}
}

static void what_is_no_entry_says_why(void **state)
{
	(void)state;
	static const struct {
		const char *json, *why;
	} bad[] = {
		{"{\"data\":{}, \"kind\":\"stop\"}", "is not canonical JSON"},
		{"{\"data\":{},\"kind\":\"stop\"}", "is not an object of data, kind and time"},
		{"{\"data\":1,\"kind\":\"stop\",\"time\":\"2026-01-15T00:00:00Z\"}",
	         "is not an object of data, kind and time"},
		{"{\"data\":{},\"kind\":\"party\",\"time\":\"2026-01-15T00:00:00Z\"}",
	         "is of an unknown kind"},
		{"{\"data\":{},\"kind\":\"stop\",\"time\":\"2026-01-15T00:00:00Z\"}",
	         "lacks a member that its kind must have"},
		{"{\"data\":{\"role\":\"dns\"},\"kind\":\"stop\",\"time\":\"2026-01-15\"}",
	         "has no valid time"},
		{"{\"data\":{\"role\":\"dns\"},\"kind\":\"stop\",\"time\":\"2026-01-15T01:00:00+01:00\"}",
	         "has no valid time"},
		{"[]", "is not an object of data, kind and time"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct entry entry;
		const char *why = NULL;
		assert_int_equal(entry_parse(view_text(bad[i].json), &entry, &why), ERR_MALFORMED);
		assert_string_equal(why, bad[i].why);
	}
}

static void the_tables_are_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENTRY_KINDS; i++)
		assert_int_equal(entry_kinds[i].kind, i);
	for (size_t i = 1; i < EVENT_FIELD_COUNT; i++)
		assert_true(strcmp(event_fields[i - 1].key, event_fields[i].key) < 0);
}

static void resolve(void *context, const struct event_record *record, struct arena *arena,
                    struct event_texts *ret)
{
	(void)context, (void)arena;
	*ret = (struct event_texts){
		.order = "TW-1", .product = "deepseek", .facet = "web", .reason = "order"};
	if (record->destination_family)
		ret->country = "CN", ret->network = "AS64500 Example";
}

static const char *subject(void *context, const struct event_record *record, struct arena *arena)
{
	(void)context, (void)record, (void)arena;
	return "0123456789abcdef0123456789abcdef";
}

static void an_event_goes_into_an_entry_and_comes_back(void **state)
{
	(void)state;
	static const struct event_names names = {resolve, subject, NULL};
	struct event_record record = {.time_us = 1768435200000000,
	                              .policy_version = 0xabc,
	                              .reference = 1,
	                              .identifier = 3,
	                              .qtype = 65,
	                              .verdict = EVENT_BLOCK,
	                              .transport = EVENT_TRANSPORT_UDP,
	                              .family = EVENT_FAMILY_IP4,
	                              .address = {192, 0, 2, 1},
	                              .name_size = 9,
	                              .name = "\4chat\2ai"};
	struct arena arena = {0};
	struct buffer out = {0};
	struct event event, again;
	struct entry entry;
	assert_true(event_record_is_valid(&record));
	event_resolve(&record, 5, record.time_us + 1000000, &names, &arena, &event);
	assert_int_equal(event_write(&event, record.time_us, &out), OK);
	assert_true(view_is(
		buffer_view(&out),
		"{\"data\":{\"count\":5,\"facet\":\"web\",\"first\":\"2026-01-15T00:00:00Z\",\"gate\":\"dns\","
		"\"last\":\"2026-01-15T00:00:01Z\",\"name\":\"chat.ai\",\"order\":\"TW-1\","
		"\"policy\":\"0000000000000abc\",\"product\":\"deepseek\",\"reason\":\"order\","
		"\"reference\":\"AAAAAAAB\",\"subject\":\"0123456789abcdef0123456789abcdef\","
		"\"transport\":\"udp\",\"type\":\"HTTPS\",\"verdict\":\"block\"},"
		"\"kind\":\"event\",\"time\":\"2026-01-15T00:00:00Z\"}"));
	assert_int_equal(entry_parse(buffer_view(&out), &entry, NULL), OK);
	assert_int_equal(event_read(&entry, &arena, &again), OK);
	assert_int_equal(again.count, 5);
	assert_int_equal(again.last_us, event.last_us);
	for (size_t i = 0; i < EVENT_FIELD_COUNT; i++) {
		if (event_fields[i].type != EVENT_TEXT ||
		    !event_field_text(&event_fields[i], &event))
			continue;
		assert_string_equal(event_field_text(&event_fields[i], &again),
		                    event_field_text(&event_fields[i], &event));
	}
	arena_done(&arena);
	buffer_done(&out);
}

static void an_event_of_a_flow_says_where_and_how_much(void **state)
{
	(void)state;
	static const struct event_names names = {resolve, subject, NULL};
	struct event_record record = {.time_us = 1768435200000000,
	                              .policy_version = 0xabc,
	                              .bytes_up = 1200,
	                              .bytes_down = EVENT_SUM_MAX,
	                              .duration_us = 2500000,
	                              .destination_port = 443,
	                              .gate = EVENT_GATE_PACKET,
	                              .transport = EVENT_TRANSPORT_HTTP,
	                              .family = EVENT_FAMILY_IP4,
	                              .destination_family = EVENT_FAMILY_IP6,
	                              .address = {192, 0, 2, 1},
	                              .destination = {0x20, 1, 0xd, 0xb8, [15] = 1}};
	struct arena arena = {0};
	struct buffer out = {0};
	struct event event, again;
	struct entry entry;
	assert_true(event_record_is_valid(&record));
	event_resolve(&record, 0, record.time_us, &names, &arena, &event);
	assert_int_equal(event_write(&event, record.time_us, &out), OK);
	assert_true(view_is(
		buffer_view(&out),
		"{\"data\":{\"bytes_down\":9007199254740991,\"bytes_up\":1200,\"count\":0,"
		"\"country\":\"CN\",\"destination\":\"2001:db8::1\",\"duration_us\":2500000,"
		"\"facet\":\"web\",\"first\":\"2026-01-15T00:00:00Z\",\"gate\":\"packet\","
		"\"last\":\"2026-01-15T00:00:00Z\",\"network\":\"AS64500 Example\",\"order\":\"TW-1\","
		"\"policy\":\"0000000000000abc\",\"port\":443,\"product\":\"deepseek\","
		"\"reason\":\"order\",\"subject\":\"0123456789abcdef0123456789abcdef\","
		"\"transport\":\"http\",\"verdict\":\"observe\"},"
		"\"kind\":\"event\",\"time\":\"2026-01-15T00:00:00Z\"}"));
	assert_int_equal(entry_parse(buffer_view(&out), &entry, NULL), OK);
	assert_int_equal(event_read(&entry, &arena, &again), OK);
	assert_int_equal(again.bytes_down, EVENT_SUM_MAX);
	assert_int_equal(again.port, 443);
	assert_string_equal(again.network, "AS64500 Example");
	arena_done(&arena);
	buffer_done(&out);
}

static void records_out_of_bounds_are_refused(void **state)
{
	(void)state;
	struct event_record good = {.time_us = 1}, bad;
	assert_true(event_record_is_valid(&good));
	bad = good, bad.time_us = -1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.gate = EVENT_GATES;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.verdict = EVENT_VERDICTS;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.transport = EVENT_TRANSPORTS;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.family = 5;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.address[0] = 1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.name_size = 200;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.name[255] = 1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.zero[2] = 1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.destination_family = 5;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.destination[15] = 1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.is_more = 2;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.bytes_up = -1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.bytes_down = EVENT_SUM_MAX + 1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.duration_us = -1;
	assert_false(event_record_is_valid(&bad));
	bad = good, bad.reference = UINT64_C(1) << 40;
	assert_false(event_record_is_valid(&bad));
}

static void a_reference_is_the_same_for_a_repeat_and_needs_the_key(void **state)
{
	(void)state;
	static const uint8_t key[EVENT_REFERENCE_KEY_SIZE] = {1},
			     other[EVENT_REFERENCE_KEY_SIZE] = {2};
	struct event_record record = {.time_us = 1, .identifier = 9, .address = {10}, .family = 4};
	uint64_t first = event_reference(&record, key);
	record.time_us = 2;
	assert_int_equal(event_reference(&record, key), first);
	assert_int_not_equal(event_reference(&record, other), first);
	record.address[0] = 11;
	assert_int_not_equal(event_reference(&record, key), first);
	assert_true(first < UINT64_C(1) << 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_json_passes),
		cmocka_unit_test(anything_else_is_refused_at_its_byte),
		cmocka_unit_test(entries_parse_as_they_were_written),
		cmocka_unit_test(packets_that_nobody_judged_are_a_loss),
		cmocka_unit_test(every_simple_kind_is_an_entry),
		cmocka_unit_test(what_is_no_entry_says_why),
		cmocka_unit_test(the_tables_are_in_order),
		cmocka_unit_test(an_event_goes_into_an_entry_and_comes_back),
		cmocka_unit_test(an_event_of_a_flow_says_where_and_how_much),
		cmocka_unit_test(records_out_of_bounds_are_refused),
		cmocka_unit_test(a_reference_is_the_same_for_a_repeat_and_needs_the_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
