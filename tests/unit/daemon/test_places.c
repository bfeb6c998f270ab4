#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/writer.h"
#include "daemon/places.h"
#include "tests/test.h"

static char path[] = "/tmp/writ-places-XXXXXX";

/* A database of 32 bits: half of all addresses, from 128.0.0.0 on, have these data, the others none. The form is
 * MaxMind's: a tree of pairs, 16 zero bytes, data, marker, description. */
static size_t write_text(uint8_t *at, const char *text)
{
	enum { SHORT_MAX = 28, OVER_SHORT = 29 };
	size_t size = strlen(text), n = 0;
	at[n++] = (uint8_t)(2 << 5 | (size > SHORT_MAX ? OVER_SHORT : size));
	if (size > SHORT_MAX)
		at[n++] = (uint8_t)(size - OVER_SHORT);
	memcpy(at + n, text, size);
	return n + size;
}

static size_t write_number(uint8_t *at, uint32_t number)
{
	at[0] = 6 << 5 | 4; /* uint32 of four bytes */
	for (unsigned i = 0; i < 4; i++)
		at[1 + i] = (uint8_t)(number >> (24 - 8 * i));
	return 5;
}

static size_t write_map(uint8_t *at, unsigned pairs)
{
	at[0] = (uint8_t)(7 << 5 | pairs);
	return 1;
}

/* Types: 5 is uint16, 6 uint32, 9 uint64, 11 an array; those over 7 stand in a byte of their own. */
static size_t write_sized(uint8_t *at, unsigned type, uint8_t value)
{
	size_t n = 0;
	at[n++] = (uint8_t)((type > 7 ? 0 : type << 5) | 1);
	if (type > 7)
		at[n++] = (uint8_t)(type - 7);
	at[n++] = value;
	return n;
}

static size_t write_description(uint8_t *at)
{
	static const char marker[] = "\xab\xcd\xefMaxMind.com";
	static const struct {
		const char *key;
		unsigned type;
		uint8_t value;
	} numbers[] = {{"node_count", 6, 1},
	               {"record_size", 5, 24},
	               {"ip_version", 5, 4},
	               {"binary_format_major_version", 5, 2},
	               {"binary_format_minor_version", 5, 1},
	               {"build_epoch", 9, 1}};
	size_t n = sizeof(marker) - 1;
	memcpy(at, marker, n);
	n += write_map(at + n, 9);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		n += write_text(at + n, numbers[i].key);
		n += write_sized(at + n, numbers[i].type, numbers[i].value);
	}
	n += write_text(at + n, "database_type");
	n += write_text(at + n, "test");
	n += write_text(at + n, "languages");
	at[n++] = 0; /* an array of none */
	at[n++] = 11 - 7;
	n += write_text(at + n, "description");
	return n + write_map(at + n, 0);
}

static void make_file(const uint8_t *data, size_t size)
{
	/* node 0: addresses that begin with 0 lead nowhere (1: the count of nodes), others to the data */
	uint8_t bytes[1024] = {0, 0, 1, 0, 0, 1 + 16};
	size_t n = 6 + 16;
	memcpy(bytes + n, data, size);
	n += size;
	n += write_description(bytes + n);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static struct places opened(enum places_kind kind)
{
	struct packet_places_options o = {.country = kind == PLACES_COUNTRY ? path : NULL,
	                                  .network = kind == PLACES_NETWORK ? path : NULL};
	struct places_files files;
	struct places p = places_none();
	const char *bad;
	assert_int_equal(places_files_read(&o, &files, &bad), OK);
	assert_int_equal(places_use(&p, kind, &files.databases[kind]), OK);
	places_files_done(&files);
	return p;
}

static void check(enum places_kind kind, const uint8_t *data, size_t size, const char *expected)
{
	struct arena arena;
	struct address there, elsewhere;
	make_file(data, size);
	struct places p = opened(kind);
	arena_init(&arena, 0);
	assert_int_equal(address_parse(view_text("198.51.100.1"), &there), OK);
	assert_int_equal(address_parse(view_text("10.0.0.1"), &elsewhere), OK);
	const char *text = places_text(&p, kind, &there, &arena);
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
	assert_null(places_text(&p, kind, &elsewhere, &arena));
	/* the other kind has no database */
	assert_null(places_text(&p, (enum places_kind)(1 - kind), &there, &arena));
	/* an IPv6 address in a database of IPv4 */
	assert_int_equal(address_parse(view_text("2001:db8::1"), &there), OK);
	assert_null(places_text(&p, kind, &there, &arena));
	arena_done(&arena);
	places_done(&p);
}

static void a_country_is_found_where_its_maker_put_it(void **state)
{
	(void)state;
	uint8_t data[200];
	size_t n = write_map(data, 1);
	n += write_text(data + n, "country");
	n += write_map(data + n, 1);
	n += write_text(data + n, "iso_code");
	n += write_text(data + n, "CN");
	check(PLACES_COUNTRY, data, n, "CN");
	n = write_map(data, 1);
	n += write_text(data + n, "country_code");
	n += write_text(data + n, "TW");
	check(PLACES_COUNTRY, data, n, "TW");
	n = write_map(data, 1);
	n += write_text(data + n, "continent");
	n += write_text(data + n, "AS");
	check(PLACES_COUNTRY, data, n, NULL);
}

static void a_network_has_a_number_and_perhaps_a_name(void **state)
{
	(void)state;
	uint8_t data[200];
	size_t n = write_map(data, 2);
	n += write_text(data + n, "autonomous_system_number");
	n += write_number(data + n, 64500);
	n += write_text(data + n, "autonomous_system_organization");
	n += write_text(data + n, "Example \x01\xff Net");
	check(PLACES_NETWORK, data, n, "AS64500 Example ?? Net");
	n = write_map(data, 1);
	n += write_text(data + n, "asn");
	n += write_text(data + n, "AS64501");
	check(PLACES_NETWORK, data, n, "AS64501");
}

static void what_is_no_database_is_refused(void **state)
{
	(void)state;
	struct packet_places_options o = {.country = path};
	struct places_files files;
	const char *bad = NULL;
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs("address,country\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(places_files_read(&o, &files, &bad), ERR_MALFORMED);
	assert_string_equal(bad, path);
	o.country = "/nonexistent";
	assert_int_equal(places_files_read(&o, &files, &bad), -ENOENT);
}

static int make_path(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_country_is_found_where_its_maker_put_it),
		cmocka_unit_test(a_network_has_a_number_and_perhaps_a_name),
		cmocka_unit_test(what_is_no_database_is_refused),
	};
	return cmocka_run_group_tests(tests, make_path, remove_path);
}
