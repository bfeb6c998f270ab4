#include "tests/test.h"
#include "wire/link.h"

/* The beginning of an IPv4 packet, and of one of IPv6. */
#define V4 "\x45\0\0\x14zzzz\x40\x06zz\x0a\0\0\1\x0a\0\0\2"
#define V6                       \
	"\x60\0\0\0\0\0\x3b\x40" \
	"0123456789abcdef0123456789abcdef"
#define MACS "\2\2\2\2\2\2\4\4\4\4\4\4"
#define SNAP "\xaa\xaa\x03\0\0\0"
#define ROW(link, bytes)                       \
	{                                      \
		link, bytes, sizeof(bytes) - 1 \
	}

static const struct row {
	uint16_t link;
	const char *bytes;
	size_t size;
} rows[] = {
	ROW(1, MACS "\x08\x00" V4),
	ROW(1, MACS "\x86\xdd" V6),
	ROW(1, MACS "\x81\0\0\1\x08\x00" V4),
	ROW(1, MACS "\x88\xa8\0\1\x81\0\0\2\x86\xdd" V6),
	ROW(1, MACS "\x91\0\0\1\x92\0\0\1\x81\0\0\2\x08\x00" V4),
	ROW(1, MACS "\x88\x47\0\1\0\x40\0\2\1\x40" V4),               /* two labels */
	ROW(1, MACS "\x88\x47\0\1\1\x40\0\0\0\0" MACS "\x08\x00" V4), /* control word */
	ROW(1, MACS "\x88\x47\0\1\1\x40" MACS "\x86\xdd" V6),         /* none */
	ROW(1, MACS "\x88\x64\x11\0\0\1\0\x16\0\x21" V4),             /* PPPoE */
	ROW(1, MACS "\x88\x64\x11\0\0\1\0\x16\x57" V6),               /* short protocol */
	ROW(1, MACS "\x89\x09\1\1\0\1\0\x42\x08\x00" V4),             /* Cisco SGT */
	ROW(1, MACS "\x88\xe7\0\0\0\1" MACS "\x08\x00" V4),           /* 802.1ah */
	ROW(1, MACS "\0\x1c" SNAP "\x08\x00" V4),                     /* 802.3 */
	ROW(1, MACS "\0\x17\x06\x06\x03" V4),
	ROW(0, "\2\0\0\0" V4),
	ROW(108, "\0\0\0\x18" V6),
	ROW(101, V4),
	ROW(12, V6),
	ROW(228, V4),
	ROW(229, V6),
	ROW(276, "\x08\x00\0\0\0\0\0\1\0\1\0\6\2\2\2\2\2\2\0\0" V4),
	ROW(9, "\xff\x03\0\x21" V4),
	ROW(9, "\x21" V4),
	ROW(204, "\1\xff\x03\0\x57" V6),
	ROW(50, "\xff\x03\0\x21" V4),
	ROW(104, "\x0f\0\x08\x00" V4),
	ROW(10, "\x50" MACS SNAP "\x08\x00" V4),
	ROW(109, "\2\0\0\0\0\0\0\0\0\0\0\0" V4),
	ROW(239, "\2\0\0\0\x08\0\1\0zzzz\x18\0\x09\0" V4),
	ROW(105, "\x08\1\0\0" MACS "\2\2\2\2\2\2\0\0" SNAP "\x08\x00" V4),
	ROW(105, "\x88\1\0\0" MACS "\2\2\2\2\2\2\0\0\0\0" SNAP "\x08\x00" V4),
	ROW(105, "\x08\3\0\0" MACS "\2\2\2\2\2\2\0\0\2\2\2\2\2\2" SNAP "\x86\xdd" V6),
	ROW(105, "\x11\x08\0\0" MACS "\2\2\2\2\2\2\0\0" SNAP "\x08\x00" V4), /* turned round */
	ROW(127, "\0\0\x0a\0zzzzzz\x08\1\0\0" MACS "\2\2\2\2\2\2\0\0" SNAP "\x08\x00" V4),
	ROW(192, "\0\0\x08\0\x65\0\0\0" V4),
};

static void a_packet_is_found_behind_every_kind_of_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view frame = view_of(rows[i].bytes, rows[i].size), ip;
		int r = link_find_ip(rows[i].link, frame, &ip);
		if (r != OK)
			print_error("row %zu, link %u\n", i, rows[i].link);
		assert_int_equal(r, OK);
		assert_true(ip.bytes[0] == 0x45 || ip.bytes[0] == 0x60);
		assert_int_equal(ip.size, ip.bytes[0] == 0x45 ? 20 : 40);
		size_t header = frame.size - ip.size;
		for (size_t n = 0; n <= header; n++)
			assert_int_not_equal(
				link_find_ip(rows[i].link, view_of(frame.bytes, n), &ip), OK);
	}
}

static void a_service_function_header_is_read_through(void **state)
{
	(void)state;
	static const char frame[] = MACS "\x89\x4f\0\2\2\1\0\0\1\xff" V4;
	struct view ip;
	assert_int_equal(link_find_ip(1, view_of(frame, sizeof(frame) - 1), &ip), OK);
	assert_int_equal(ip.size, 20);
}

static void linux_cooked_frames_are_read(void **state)
{
	(void)state;
	static const char frame[] = "\0\0\0\1\0\6\2\2\2\2\2\2\0\0\x08\x00" V4;
	struct view ip;
	assert_int_equal(link_find_ip(113, view_of(frame, sizeof(frame) - 1), &ip), OK);
	assert_int_equal(ip.size, 20);
}

static void what_holds_no_packet_is_told(void **state)
{
	(void)state;
	static const struct row none[] = {
		ROW(1, MACS "\x08\x06" V4),                         /* ARP */
		ROW(1, MACS "\x88\x63\x11\x09\0\0\0\x16\0\x21" V4), /* discovery */
		ROW(1, MACS "\0\x1c\x42\x42\x03" V4),               /* spanning tree */
		ROW(1, MACS "\x08\x00"
	                    "\x30\0\0\0"),                                           /* version 3 */
		ROW(105, "\x08\x41\0\0" MACS "\2\2\2\2\2\2\0\0" SNAP "\x08\x00" V4), /* sealed */
		ROW(105, "\x48\1\0\0" MACS "\2\2\2\2\2\2\0\0" SNAP "\x08\x00" V4),   /* no data */
		ROW(105, "\x80\0\0\0" MACS "\2\2\2\2\2\2\0\0" SNAP "\x08\x00" V4),   /* beacon */
		ROW(9, "\xc0\x21" V4),
	};
	struct view ip;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(
			link_find_ip(none[i].link, view_of(none[i].bytes, none[i].size), &ip),
			ERR_MISSING);
	assert_int_equal(link_find_ip(9999, view_text("x"), &ip), ERR_VERSION);
}

static void tags_without_end_are_given_up(void **state)
{
	(void)state;
	uint8_t frame[14 + 4 * 64 + 40];
	struct view ip;
	memset(frame, 0, sizeof(frame));
	for (size_t at = 12; at + 4 < sizeof(frame); at += 4)
		memcpy(frame + at, "\x81\0\0\1", 4);
	assert_int_equal(link_find_ip(1, view_of(frame, sizeof(frame)), &ip), ERR_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_is_found_behind_every_kind_of_header),
		cmocka_unit_test(a_service_function_header_is_read_through),
		cmocka_unit_test(linux_cooked_frames_are_read),
		cmocka_unit_test(what_holds_no_packet_is_told),
		cmocka_unit_test(tags_without_end_are_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
