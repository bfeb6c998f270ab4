#include "tests/test.h"
#include "wire/ip.h"

static struct ip_packet parse_ok(const void *bytes, size_t size)
{
	struct ip_packet p;
	assert_int_equal(ip_parse(view_of(bytes, size), &p), OK);
	return p;
}

#define V4(header_length, size, fragment, protocol)                          \
	header_length "\0\0" size "\x12\x34" fragment "\x40" protocol "\0\0" \
		      "\x0a\x4d\0\x02\x0a\x4d\0\x01"

static size_t v4(uint8_t out[64], const char *bytes, size_t size)
{
	memcpy(out, bytes, size);
	ip4_set_checksum(out, (out[0] & 15) * 4u);
	return size;
}

static void ipv4_is_read_with_and_without_options(void **state)
{
	(void)state;
	uint8_t b[64];
	struct ip_packet p = parse_ok(b, v4(b, V4("\x45", "\x17", "\x40\0", "\x06") "abcpad", 26));
	assert_int_equal(p.protocol, IP_TCP);
	assert_int_equal(p.hops, 64);
	assert_true(view_is(p.payload, "abc"));
	assert_false(p.is_fragment);
	assert_int_equal(p.source.bytes[3], 2);
	assert_int_equal(p.destination.bytes[3], 1);
	p = parse_ok(b, v4(b,
	                   V4("\x46", "\x1a", "\0\0", "\x11") "\x94\x04\0\0"
	                                                      "xy",
	                   26));
	assert_false(p.has_route);
	assert_int_equal(p.header_size, 24);
	assert_true(view_is(p.payload, "xy"));
}

static void a_source_route_that_is_not_at_its_end_is_seen(void **state)
{
	(void)state;
	uint8_t b[64];
	static const char left[] =
		V4("\x47", "\x1c", "\0\0", "\x06") "\x83\x07\x04\x01\x02\x03\x04\0";
	static const char done[] =
		V4("\x47", "\x1c", "\0\0", "\x06") "\x83\x07\x08\x01\x02\x03\x04\0";
	assert_true(parse_ok(b, v4(b, left, 28)).has_route);
	assert_false(parse_ok(b, v4(b, done, 28)).has_route);
}

static void an_ipv4_fragment_is_told(void **state)
{
	(void)state;
	uint8_t b[64];
	struct ip_packet p =
		parse_ok(b, v4(b, V4("\x45", "\x1c", "\x20\x02", "\x06") "12345678", 28));
	assert_true(p.is_fragment && p.has_more_fragments);
	assert_int_equal(p.fragment_offset, 16);
	assert_int_equal(p.fragment_id, 0x1234);
	p = parse_ok(b, v4(b, V4("\x45", "\x17", "\0\x02", "\x06") "123", 23));
	assert_true(p.is_fragment && !p.has_more_fragments);
}

static void what_no_host_takes_is_malformed(void **state)
{
	(void)state;
	uint8_t b[64];
	struct ip_packet p;
	size_t size = v4(b, V4("\x45", "\x17", "\x20\0", "\x06") "123", 23);
	assert_int_equal(ip_parse(view_of(b, size), &p), ERR_MALFORMED); /* not a multiple of 8 */
	size = v4(b, V4("\x45", "\x1c", "\x1f\xff", "\x06") "12345678", 28);
	assert_int_equal(ip_parse(view_of(b, size), &p), ERR_MALFORMED); /* beyond 65535 */
	size = v4(b, V4("\x45", "\x13", "\0\0", "\x06"), 20);
	assert_int_equal(ip_parse(view_of(b, size), &p), ERR_MALFORMED);
	size = v4(b, V4("\x45", "\x17", "\0\0", "\x06") "123", 23);
	b[8] = 63;
	assert_int_equal(ip_parse(view_of(b, size), &p), ERR_CHECKSUM);
	b[0] = 0x55;
	assert_int_equal(ip_parse(view_of(b, size), &p), ERR_MALFORMED);
}

static void every_prefix_is_truncated(void **state)
{
	(void)state;
	uint8_t b[64];
	struct ip_packet p;
	size_t size = v4(b,
	                 V4("\x46", "\x1a", "\0\0", "\x11") "\x94\x04\0\0"
	                                                    "xy",
	                 26);
	for (size_t n = 0; n < size; n++)
		assert_int_equal(ip_parse(view_of(b, n), &p), ERR_TRUNCATED);
}

#define V6(size, next)                           \
	"\x60\0\0\0" size next "\x40"            \
	"\xfd\x53\0\0\0\0\0\0\0\0\0\0\0\0\0\x02" \
	"\xfd\x53\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
#define PAD6 "\x01\x04\0\0\0\0" /* one padding option */

static void ipv6_is_read_behind_its_extension_headers(void **state)
{
	(void)state;
	static const char plain[] = V6("\0\x03", "\x06") "abc";
	struct ip_packet p = parse_ok(plain, 43);
	assert_int_equal(p.protocol, IP_TCP);
	assert_true(view_is(p.payload, "abc"));
	static const char chain[] =
		V6("\0\x33", "\0") "\x3c\0" PAD6 "\x2b\x00" PAD6 "\x33\0\x04\0\0\0\0\0"
				   "\x06\x04\0\0\0\0\0\x01\0\0\0\x02"
				   "sum!sum!sum!"
				   "abc";
	p = parse_ok(chain, 40 + 0x33);
	assert_int_equal(p.protocol, IP_TCP);
	assert_false(p.has_route);
	assert_true(view_is(p.payload, "abc"));
}

static void an_ipv6_route_that_is_not_at_its_end_is_seen(void **state)
{
	(void)state;
	static const char route[] = V6("\0\x0b", "\x2b") "\x06\0\x04\x01\0\0\0\0"
							 "abc";
	assert_true(parse_ok(route, 51).has_route);
}

static void an_ipv6_fragment_is_told_and_an_atomic_one_is_none(void **state)
{
	(void)state;
	static const char first[] = V6("\0\x10", "\x2c") "\x06\0\0\x01\0\0\0\x07"
							 "12345678";
	struct ip_packet p = parse_ok(first, 56);
	assert_true(p.is_fragment && p.has_more_fragments);
	assert_int_equal(p.fragment_id, 7);
	assert_int_equal(p.next_header_at, 6);
	assert_int_equal(p.fragment_header_at, 40);
	assert_int_equal(p.protocol, IP_TCP);
	static const char atomic[] = V6("\0\x0b", "\x2c") "\x06\0\0\0\0\0\0\x07"
							  "abc";
	p = parse_ok(atomic, 51);
	assert_false(p.is_fragment);
	assert_true(view_is(p.payload, "abc"));
}

static void an_ipv6_header_that_runs_out_is_malformed(void **state)
{
	(void)state;
	struct ip_packet p;
	static const char runs_out[] = V6("\0\x08", "\x3c") "\x06\x01\0\0\0\0\0\0";
	assert_int_equal(ip_parse(view_of(runs_out, 48), &p), ERR_MALFORMED);
	static const char short_capture[] = V6("\0\x09", "\x06") "12345678";
	assert_int_equal(ip_parse(view_of(short_capture, 48), &p), ERR_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_read_with_and_without_options),
		cmocka_unit_test(a_source_route_that_is_not_at_its_end_is_seen),
		cmocka_unit_test(an_ipv4_fragment_is_told),
		cmocka_unit_test(what_no_host_takes_is_malformed),
		cmocka_unit_test(every_prefix_is_truncated),
		cmocka_unit_test(ipv6_is_read_behind_its_extension_headers),
		cmocka_unit_test(an_ipv6_route_that_is_not_at_its_end_is_seen),
		cmocka_unit_test(an_ipv6_fragment_is_told_and_an_atomic_one_is_none),
		cmocka_unit_test(an_ipv6_header_that_runs_out_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
