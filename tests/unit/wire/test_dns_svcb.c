#include "tests/test.h"
#include "tests/unit/wire/dns_fixtures.h"
#include "wire/dns_ech.h"
#include "wire/dns_message.h"
#include "wire/dns_svcb.h"

/* The data of the n-th HTTPS record. */
static struct view get_https(struct view message, unsigned n)
{
	struct dns_walk w;
	struct dns_record record;
	assert_int_equal(dns_walk_open(message, &w), OK);
	while (dns_walk_next(&w, &record) > 0) {
		if (record.type == DNS_TYPE_HTTPS && n-- == 0)
			return record.rdata;
	}
	fail_msg("no such record");
	return (struct view){0};
}

static unsigned count_type(struct view message, uint16_t type)
{
	struct dns_walk w;
	struct dns_record record;
	unsigned count = 0;
	assert_int_equal(dns_walk_open(message, &w), OK);
	int r;
	while ((r = dns_walk_next(&w, &record)) > 0)
		count += record.type == type;
	assert_int_equal(r, OK);
	return count;
}

static void parameters_are_found(void **state)
{
	(void)state;
	struct dns_svcb svcb;
	struct view value;
	assert_int_equal(dns_svcb_parse(get_https(MESSAGE_HTTPS_ECH, 0), &svcb), OK);
	assert_int_equal(svcb.priority, 1);
	assert_int_equal(svcb.target.size, 1);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_IPV4HINT, &value), OK);
	assert_memory_equal(value.bytes, "\xc0\0\2\1\xc0\0\2\2", 8);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_IPV6HINT, &value), OK);
	assert_int_equal(value.size, 16);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_ECH, &value), OK);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_PORT, &value), ERR_MISSING);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_ALPN, &value), OK);
	assert_true(view_is(value, "\2h2\2h3"));
}

static void records_against_the_form_are_malformed(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
	} bad[] = {
		{"\0\1", 2},                            /* no target */
		{"\0\1\1a", 4},                         /* target without an end */
		{"\0\1\xc0\x0c", 4},                    /* compressed target */
		{"\0\1\0\0\1\0", 6},                    /* half a parameter */
		{"\0\1\0\0\1\0\3ab", 9},                /* value too long */
		{"\0\1\0\0\3\0\2\1\1\0\3\0\2\1\1", 15}, /* the same key twice */
		{"\0\1\0\0\3\0\2\1\1\0\2\0\0", 13},     /* keys descend */
		{"\0\1\0\0\3\0\1x", 8},                 /* a port of one byte */
		{"\0\1\0\0\4\0\3xyz", 10},              /* an address of three */
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dns_svcb svcb;
		assert_int_equal(dns_svcb_parse(view_of(bad[i].bytes, bad[i].size), &svcb),
		                 ERR_MALFORMED);
	}
}

static void strip(struct view message, uint8_t *room, size_t room_size, struct view *ret)
{
	int size = dns_message_strip_ech(message, room, room_size);
	assert_true(size > 0);
	*ret = view_of(room, (size_t)size);
}

static void stripping_leaves_no_ech_and_no_false_signature(void **state)
{
	(void)state;
	uint8_t room[1024];
	struct view message = MESSAGE_HTTPS_ECH, out;
	struct dns_svcb svcb;
	struct view value;
	struct dns_header header;
	assert_true(dns_message_has_ech(message));
	assert_int_equal(count_type(message, DNS_TYPE_RRSIG), 1);
	strip(message, room, sizeof(room), &out);
	assert_false(dns_message_has_ech(out));
	assert_int_equal(count_type(out, DNS_TYPE_RRSIG), 0);
	assert_int_equal(count_type(out, DNS_TYPE_HTTPS), 2);
	assert_int_equal(count_type(out, DNS_TYPE_OPT), 1);
	assert_int_equal(dns_header_parse(out, &header), OK);
	assert_false(header.flags & DNS_FLAG_AD);
	assert_int_equal(dns_svcb_parse(get_https(out, 0), &svcb), OK);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_IPV6HINT, &value), OK);
	assert_int_equal(dns_svcb_parse(get_https(out, 1), &svcb), OK);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_MANDATORY, &value), OK);
	assert_int_equal(value.size, 2);
	assert_memory_equal(value.bytes, "\0\1", 2);
}

static void names_after_the_cut_stay_right(void **state)
{
	(void)state;
	static const char *const owners[] = {"www.example.com", "www.example.com", "net",
	                                     "svc.example.net", "a.example.net",   "."};
	uint8_t room[1024];
	struct view out;
	strip(MESSAGE_HTTPS_ECH, room, sizeof(room), &out);
	struct dns_walk w;
	struct dns_record record;
	assert_int_equal(dns_walk_open(out, &w), OK);
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		char text[DNAME_TEXT_SIZE];
		struct dname owner;
		assert_int_equal(dns_walk_next(&w, &record), 1);
		assert_int_equal(dns_record_name(out, &record, &owner), OK);
		assert_string_equal(dname_print(&owner, text), owners[i]);
	}
}

static void a_mandatory_list_that_becomes_empty_goes(void **state)
{
	(void)state;
	uint8_t room[1024];
	struct view out;
	strip(MESSAGE_HTTPS_MANDATORY_ONLY_ECH, room, sizeof(room), &out);
	struct view rdata = get_https(out, 0);
	assert_int_equal(rdata.size, 3);
	assert_memory_equal(rdata.bytes, "\0\1\0", 3);
}

static void a_message_without_ech_keeps_everything(void **state)
{
	(void)state;
	uint8_t room[1024];
	struct view message = MESSAGE_HTTPS_PLAIN, out;
	assert_false(dns_message_has_ech(message));
	strip(message, room, sizeof(room), &out);
	assert_true(view_equal(message, out));
	message = MESSAGE_NODATA_SIGNED;
	strip(message, room, sizeof(room), &out);
	assert_int_equal(count_type(out, DNS_TYPE_RRSIG), 1);
}

static void a_room_that_is_too_small_is_said(void **state)
{
	(void)state;
	uint8_t room[1024];
	struct view out;
	strip(MESSAGE_HTTPS_ECH, room, sizeof(room), &out);
	size_t needed = out.size;
	for (size_t size = 0; size < needed; size++)
		assert_int_equal(dns_message_strip_ech(MESSAGE_HTTPS_ECH, room, size), ERR_LIMIT);
	assert_int_equal(dns_message_strip_ech(MESSAGE_HTTPS_ECH, room, needed), needed);
}

static void what_is_written_is_read_again_and_what_is_empty_is_left_out(void **state)
{
	(void)state;
	static const struct dname target = {14, 2, "\4gate\7example"};
	struct dns_svcb_service service = {.priority = 3,
	                                   .target = &target,
	                                   .alpn = view_text("\3dot"),
	                                   .port = 853,
	                                   .ipv6 = view_text("0123456789abcdef"),
	                                   .dohpath = view_text("/q{?dns}")};
	uint8_t room[256];
	struct dns_svcb svcb;
	struct view value;
	struct writer w = writer_open(room, sizeof(room));
	dns_svcb_write(&service, &w);
	assert_false(w.failed);
	assert_int_equal(dns_svcb_parse(view_of(room, writer_size(&w)), &svcb), OK);
	assert_int_equal(svcb.priority, 3);
	assert_true(dname_equal(&svcb.target, &target));
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_PORT, &value), OK);
	assert_memory_equal(value.bytes, "\x03\x55", 2);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_IPV6HINT, &value), OK);
	assert_true(view_equal(value, service.ipv6));
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_DOHPATH, &value), OK);
	assert_true(view_equal(value, service.dohpath));
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_IPV4HINT, &value), ERR_MISSING);
	size_t needed = writer_size(&w);
	for (size_t size = 0; size < needed; size++) {
		w = writer_open(room, size);
		dns_svcb_write(&service, &w);
		assert_true(w.failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_found),
		cmocka_unit_test(records_against_the_form_are_malformed),
		cmocka_unit_test(stripping_leaves_no_ech_and_no_false_signature),
		cmocka_unit_test(names_after_the_cut_stay_right),
		cmocka_unit_test(a_mandatory_list_that_becomes_empty_goes),
		cmocka_unit_test(a_message_without_ech_keeps_everything),
		cmocka_unit_test(a_room_that_is_too_small_is_said),
		cmocka_unit_test(what_is_written_is_read_again_and_what_is_empty_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
