#include <stdio.h>

#include "scan/plist.h"
#include "tests/test.h"

static char told[2048];
static size_t count;

static int on_text(void *context, struct view key, struct view text)
{
	(void)context;
	size_t size = strlen(told);
	count++;
	(void)snprintf(told + size, sizeof(told) - size, VIEW_FMT "=" VIEW_FMT ";", VIEW_ARG(key),
	               VIEW_ARG(text));
	return OK;
}

static bool enters(void *context, struct view key)
{
	(void)context;
	return !view_is(key, "no");
}

static int read_list(struct view bytes)
{
	struct plist_reader r = {.on_text = on_text, .enters = enters};
	told[0] = '\0';
	count = 0;
	return plist_read(bytes, &r);
}

static int read_xml(const char *inner)
{
	static char text[8192];
	(void)snprintf(text, sizeof(text),
	               "<?xml version=\"1.0\"?><plist version=\"1.0\">%s</plist>", inner);
	return read_list(view_text(text));
}

/* Objects of at most 255 bytes in all, references of one byte. */
struct binary {
	uint8_t bytes[1024], offsets[64];
	size_t size, count;
};

static void begin(struct binary *b)
{
	memset(b, 0, sizeof(*b));
	memcpy(b->bytes, "bplist00", 8);
	b->size = 8;
}

static void add(struct binary *b, const void *object, size_t size)
{
	b->offsets[b->count++] = (uint8_t)b->size;
	memcpy(b->bytes + b->size, object, size);
	b->size += size;
}

static int read_binary(struct binary *b)
{
	uint8_t trailer[32] = {[6] = 1, [7] = 1};
	trailer[15] = (uint8_t)b->count;
	trailer[31] = (uint8_t)b->size;
	memcpy(b->bytes + b->size, b->offsets, b->count);
	memcpy(b->bytes + b->size + b->count, trailer, sizeof(trailer));
	return read_list(view_of(b->bytes, b->size + b->count + sizeof(trailer)));
}

static void texts_have_the_key_that_they_stand_under(void **state)
{
	(void)state;
	struct binary b;
	begin(&b);
	add(&b, "\xd2\x01\x02\x03\x04", 5);
	add(&b,
	    "\x51"
	    "a",
	    2);
	add(&b,
	    "\x51"
	    "l",
	    2);
	add(&b,
	    "\x51"
	    "x",
	    2);
	add(&b, "\xa2\x03\x05", 3);
	add(&b, "\x62\x00\xe9\x4e\x2d", 5);
	assert_int_equal(read_binary(&b), OK);
	assert_string_equal(told, "a=x;l=x;l=\xc3\xa9\xe4\xb8\xad;");
	assert_int_equal(
		read_xml("<dict><key>a</key><string>x</string><key>l</key><array><string>x</string>"
	                 "<string>&lt;&amp;</string><!-- <string>c</string> --></array></dict>"),
		OK);
	assert_string_equal(told, "a=x;l=x;l=<&;");
}

static void below_a_key_that_is_refused_nothing_is_told(void **state)
{
	(void)state;
	struct binary b;
	begin(&b);
	add(&b, "\xd2\x01\x02\x03\x04", 5);
	add(&b, "\x52no", 3);
	add(&b,
	    "\x51"
	    "a",
	    2);
	add(&b, "\xa1\x04", 2);
	add(&b,
	    "\x51"
	    "x",
	    2);
	assert_int_equal(read_binary(&b), OK);
	assert_string_equal(told, "a=x;");
	assert_int_equal(
		read_xml("<dict><key>no</key><array><dict><key>b</key><string>x</string></dict>"
	                 "<string>x</string></array><key>a</key><string>x</string>"
	                 "<key>no</key><string>y</string><key>no</key><true/>"
	                 "<key>c</key><string>z</string></dict>"),
		OK);
	assert_string_equal(told, "a=x;c=z;");
}

static void a_list_that_lies_in_itself_ends(void **state)
{
	(void)state;
	struct binary b;
	begin(&b);
	add(&b, "\xa1\x00", 2);
	assert_int_equal(read_binary(&b), ERR_LIMIT);
}

static void layers_that_refer_to_the_next_many_times_end(void **state)
{
	(void)state;
	struct binary b;
	begin(&b);
	for (uint8_t i = 1; i < 16; i++) {
		uint8_t layer[9] = {0xa8, i, i, i, i, i, i, i, i};
		add(&b, layer, sizeof(layer));
	}
	add(&b,
	    "\x51"
	    "x",
	    2);
	assert_int_equal(read_binary(&b), ERR_LIMIT);
	assert_true(count <= PLIST_VISITS_MAX);
}

static void what_points_beyond_the_list_is_refused(void **state)
{
	(void)state;
	struct binary b;
	begin(&b);
	add(&b, "\xa1\x07", 2);
	assert_int_equal(read_binary(&b), ERR_MALFORMED);
	begin(&b);
	add(&b, "\x5f\x12\xff\xff\xff\xff", 6);
	assert_int_equal(read_binary(&b), ERR_MALFORMED);
	begin(&b);
	add(&b, "\xdf\x13\xff\xff\xff\xff\xff\xff\xff\xff", 10);
	assert_int_equal(read_binary(&b), ERR_MALFORMED);
	begin(&b);
	add(&b, "\xd1\x01\x01", 3);
	add(&b, "\x10\x01", 2); /* a number is no key */
	assert_int_equal(read_binary(&b), ERR_MALFORMED);
	assert_int_equal(read_list(view_text("bplist00")), ERR_MALFORMED);
	assert_int_equal(read_list(view_text("text")), ERR_INVALID);
	assert_int_equal(read_list((struct view){0}), ERR_INVALID);
}

static void every_prefix_is_refused(void **state)
{
	(void)state;
	struct binary b;
	begin(&b);
	add(&b, "\xa1\x01", 2);
	add(&b,
	    "\x51"
	    "x",
	    2);
	assert_int_equal(read_binary(&b), OK);
	for (size_t size = 0; size < b.size + b.count + 32; size++)
		assert_true(read_list(view_of(b.bytes, size)) < 0);
}

static void characters_of_xml_are_read_however_they_are_written(void **state)
{
	(void)state;
	assert_int_equal(
		read_xml(
			"<dict><key>&#97;</key><string>&#x64;e<!-- x -->ep<![CDATA[<s>&amp;]]>&#x20AC;&#8364;</string></dict>"),
		OK);
	assert_string_equal(told, "a=deep<s>&amp;\xe2\x82\xac\xe2\x82\xac;");
	/* what is no character stands for itself */
	assert_int_equal(
		read_xml(
			"<dict><key>a</key><string>b & c &#0; &#x110000; &#99999999999; &#x; &#z; &#65</string></dict>"),
		OK);
	assert_string_equal(told, "a=b & c &#0; &#x110000; &#99999999999; &#x; &#z; &#65;");
	assert_int_equal(read_xml("<dict><key>a</key><string><![CDATA[x"), OK);
	assert_string_equal(told, "");
}

static void xml_that_is_deep_or_does_not_end_ends(void **state)
{
	(void)state;
	static char deep[8000];
	memset(deep, 0, sizeof(deep));
	for (size_t i = 0; i < 300; i++)
		memcpy(deep + i * 7, "<array>", 7);
	assert_int_equal(read_xml(deep), ERR_LIMIT);
	assert_int_equal(read_xml("</dict>"), ERR_MALFORMED);
	assert_int_equal(read_xml("<dict><key>a</key><string>x"), OK);
	assert_int_equal(read_xml("<dict><!-- <key>a</key>"), OK);
	assert_string_equal(told, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_the_key_that_they_stand_under),
		cmocka_unit_test(below_a_key_that_is_refused_nothing_is_told),
		cmocka_unit_test(a_list_that_lies_in_itself_ends),
		cmocka_unit_test(layers_that_refer_to_the_next_many_times_end),
		cmocka_unit_test(what_points_beyond_the_list_is_refused),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(characters_of_xml_are_read_however_they_are_written),
		cmocka_unit_test(xml_that_is_deep_or_does_not_end_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
