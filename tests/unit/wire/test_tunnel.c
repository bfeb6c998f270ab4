#include "tests/packets.h"
#include "tests/test.h"
#include "wire/tunnel.h"

#define INNER4 "\x45\0\0\x14zzzz\x40\x06zz\x0a\0\0\1\x0a\0\0\2"
#define INNER6                   \
	"\x60\0\0\0\0\0\x3b\x40" \
	"0123456789abcdef0123456789abcdef"
#define FRAME "\2\2\2\2\2\2\4\4\4\4\4\4\x08\x00" INNER4
#define ROW(protocol, port, bytes)                       \
	{                                                \
		protocol, port, bytes, sizeof(bytes) - 1 \
	}

static const struct row {
	uint8_t protocol;
	uint16_t port;
	const char *bytes;
	size_t size;
} rows[] = {
	ROW(4, 0, INNER4),
	ROW(41, 0, INNER6),
	ROW(47, 0, "\0\0\x08\x00" INNER4),
	ROW(47, 0, "\x20\0\x86\xdd\0\0\0\7" INNER6),                 /* key */
	ROW(47, 0, "\xb0\0\x08\x00zzzzkkkkssss" INNER4),             /* sum, key, sequence */
	ROW(47, 0, "\x30\x81\x88\x0b\0\x16\0\1ssssaaaa\x21" INNER4), /* PPTP */
	ROW(47, 0, "\0\0\x65\x58" FRAME),
	ROW(47, 0, "\0\0\x88\xbe" FRAME), /* ERSPAN */
	ROW(47, 0,
            "\x10\0\x88\xbessss"
            "\x10\0\0\0\0\0\0\0" FRAME),
	ROW(47, 0,
            "\x10\0\x22\xebssss"
            "\x20\0\0\0tttt\0\0\0\0" FRAME),
	ROW(97, 0, "\x30\0" FRAME),
	ROW(137, 0, "\0\1\1\x40" INNER4),
	ROW(17, 4789, "\x08\0\0\0\0\0\7\0" FRAME),
	ROW(17, 4790, "\x0c\0\0\2\0\0\7\0" INNER6),
	ROW(17, 6081, "\1\0\x65\x58\0\0\7\0oooo" FRAME),
	ROW(17, 6081, "\0\0\x08\x00\0\0\7\0" INNER4),
	ROW(17, 2152, "\x30\xff\0\x14tttt" INNER4),
	ROW(17, 2152, "\x34\xff\0\x1ctttt\0\0\0\x85\1\0\0\x00" INNER4),
	ROW(17, 3544, INNER6),
	ROW(17, 3544, "\0\1\0\0nnnnnnnn\0\0\0zzzzzz" INNER6),
	ROW(17, 1701, "\x00\2\0\1\0\1\xff\x03\0\x21" INNER4),
	ROW(17, 4754, "\0\0\x08\x00" INNER4),
	ROW(17, 5072,
            "\x12\x51\x11\x29tttt"
            "idiiiiiiiiiiiiiiiiiiii" INNER6),
	ROW(47, 0,
            "\0\0\x82\0\x08\1\0\0"
            "aaaaaabbbbbbcccccc\0\0\xaa\xaa\x03\0\0\0\x08\x00" INNER4),
	ROW(17, 6635, "\0\1\1\x40" INNER4),
	ROW(17, 5247,
            "\0\x20\3\x20\0\0\0\0wwwwwwww\x11\x08\0\0"
            "aaaaaabbbbbbcccccc\0\0\xaa\xaa\x03\0\0\0\x08\x00" INNER4),
};

/* As if it were the payload of a packet. */
static struct ip_packet outer_of(const struct row *row, size_t size, uint8_t room[512])
{
	struct ip_packet ip = {.protocol = row->protocol};
	size_t header = row->port ? UDP_HEADER_SIZE : 0;
	if (header) {
		packet_put16(room, 50000);
		packet_put16(room + 2, row->port);
		packet_put16(room + 4, (uint32_t)(header + size));
		packet_put16(room + 6, 0);
	}
	memcpy(room + header, row->bytes, size);
	ip.payload = view_of(room, header + size);
	return ip;
}

static void the_packet_within_is_found(void **state)
{
	(void)state;
	uint8_t room[512];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view inner;
		struct ip_packet ip = outer_of(&rows[i], rows[i].size, room);
		int r = tunnel_open(&ip, &inner);
		if (r != OK)
			print_error("row %zu\n", i);
		assert_int_equal(r, OK);
	}
}

static void every_part_of_a_tunnel_is_none(void **state)
{
	(void)state;
	uint8_t room[512];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t n = 0; n < rows[i].size; n++) {
			struct view inner;
			struct ip_packet ip = outer_of(&rows[i], n, room);
			if (tunnel_open(&ip, &inner) == OK)
				assert_true(inner.size >= 20 &&
				            inner.bytes + inner.size <= room + sizeof(room));
		}
	}
}

static void what_only_uses_the_port_stands_for_itself(void **state)
{
	(void)state;
	static const struct row none[] = {
		ROW(17, 4789, "\0\0\0\0\0\0\7\0" FRAME), /* no network */
		ROW(17, 2152, "\x30\1\0\0tttt" INNER4),  /* an echo */
		ROW(17, 3544,
	            "\x45"
	            "abcdefghijklmnopqrstuvwxyz"),
		ROW(17, 1701, "\xc8\2\0\x14\0\0\0\0\0\0\0\0" INNER4), /* control */
		ROW(17, 53, INNER4),
		ROW(47, 0, "\x40\0\x08\x00" INNER4), /* routing */
		ROW(6, 0, INNER4),
	};
	uint8_t room[512];
	struct view inner;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct ip_packet ip = outer_of(&none[i], none[i].size, room);
		assert_int_equal(tunnel_open(&ip, &inner), ERR_MISSING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_packet_within_is_found),
		cmocka_unit_test(every_part_of_a_tunnel_is_none),
		cmocka_unit_test(what_only_uses_the_port_stands_for_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
