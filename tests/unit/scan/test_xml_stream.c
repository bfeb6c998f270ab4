/* XML in blocks: what is told, where an error is, and that no document takes more memory than there is for it. */
#include <stdlib.h>

#include "base/buffer.h"
#include "scan/xml_head.h"
#include "scan/xml_stream.h"
#include "tests/test.h"

static int on_begin(void *context, struct xml_name name, struct xml_attributes attributes)
{
	struct buffer *out = context;
	struct xml_name own;
	struct view value;
	buffer_printf(out, "<{" VIEW_FMT "}" VIEW_FMT, VIEW_ARG(name.space), VIEW_ARG(name.local));
	while (xml_attributes_next(&attributes, &own, &value))
		buffer_printf(out, " {" VIEW_FMT "}" VIEW_FMT "=" VIEW_FMT, VIEW_ARG(own.space),
		              VIEW_ARG(own.local), VIEW_ARG(value));
	buffer_add_text(out, ">");
	return view_is(name.local, "stop") ? ERR_DENIED : OK;
}

static int on_end(void *context, struct xml_name name, struct view text)
{
	struct buffer *out = context;
	buffer_printf(out, "[" VIEW_FMT "]/" VIEW_FMT ";", VIEW_ARG(text), VIEW_ARG(name.local));
	return OK;
}

static const struct xml_handlers handlers = {on_begin, on_end};

static int read_in(struct view document, size_t block, struct buffer *out, struct xml_place *place)
{
	struct xml_stream *s;
	int code = OK;
	assert_int_equal(xml_stream_new(&handlers, out, NULL, &s), OK);
	for (size_t at = 0; code == OK && at < document.size; at += block) {
		struct view rest = view_skip(document, at);
		code = xml_stream_feed(s,
		                       view_of(rest.bytes, rest.size < block ? rest.size : block));
	}
	code = code == OK ? xml_stream_end(s) : code;
	assert_int_equal(xml_stream_feed(s, view_text("<more/>")),
	                 code == OK ? ERR_MALFORMED : code);
	*place = xml_stream_place(s);
	xml_stream_free(s);
	return code;
}

static void expect(const char *document, int code, const char *told)
{
	for (size_t block = 1; block < 40; block += 3) {
		struct buffer out = {0};
		struct xml_place place;
		assert_int_equal(read_in(view_text(document), block, &out, &place), code);
		buffer_add(&out, "", 1);
		assert_string_equal((const char *)out.bytes, told);
		buffer_done(&out);
	}
}

static void names_have_their_namespace_whatever_the_prefix(void **state)
{
	(void)state;
	expect("<a xmlns='urn:x' b='1' p:b='2' xmlns:p='urn:p'><p:c/>t<d xmlns=''>u</d>v</a>", OK,
	       "<{urn:x}a {}b=1 {urn:p}b=2><{urn:p}c>[]/c;<{}d>[u]/d;[v]/a;");
	expect("<p:a/>", ERR_MALFORMED, "");
}

static void a_text_is_one_across_comments_and_references(void **state)
{
	(void)state;
	expect("<a>x&lt;<!-- no --><![CDATA[<y>]]><?no no?>&#x20ac;\r\nz</a>", OK,
	       "<{}a>[x<<y>\xe2\x82\xac\nz]/a;");
}

static void what_the_caller_says_ends_it(void **state)
{
	(void)state;
	expect("<a><stop/><b/></a>", ERR_DENIED, "<{}a><{}stop>");
}

static void what_is_not_whole_is_truncated(void **state)
{
	(void)state;
	expect("", ERR_TRUNCATED, "");
	expect("<a><b>", ERR_TRUNCATED, "<{}a><{}b>");
	expect("<a><b", ERR_TRUNCATED, "<{}a>");
	expect("<a/><b/>", ERR_MALFORMED, "<{}a>[]/a;");
}

/* Where one says that more is declared elsewhere, libexpat passes over what it does not know. */
static void what_declares_names_of_its_own_is_refused(void **state)
{
	static const char *const types[] = {
		"<!DOCTYPE a SYSTEM 'x'>", "<!DOCTYPE a PUBLIC 'x' 'y'>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!DOCTYPE a SYSTEM 'x' [<!ENTITY c 'd'>]>"};
	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct buffer text = {0};
		buffer_printf(&text, "%s<a>npm/&b;x</a>%c", types[i], 0);
		expect((const char *)text.bytes, ERR_MALFORMED, "");
		buffer_done(&text);
	}
	expect("<!DOCTYPE a><a>npm/x</a>", OK, "<{}a>[npm/x]/a;");
	expect("<!DOCTYPE a><a>npm/&b;x</a>", ERR_MALFORMED, "<{}a>");
}

static int on_nothing(void *context, struct xml_name name, struct xml_attributes attributes)
{
	(void)context;
	(void)name;
	(void)attributes;
	return OK;
}

static int on_size(void *context, struct xml_name name, struct view text)
{
	size_t *size = context;
	(void)name;
	*size = text.size;
	return OK;
}

/* `times` a piece, in which %d is which; between a begin and an end. */
static int read_many(const char *begin, const char *piece, int times, const char *end, size_t *size)
{
	static const struct xml_handlers quiet = {on_nothing, on_size};
	const char *mark = strchr(piece, '%');
	struct xml_stream *s;
	struct buffer text = {0};
	assert_int_equal(xml_stream_new(&quiet, size, NULL, &s), OK);
	int code = xml_stream_feed(s, view_text(begin));
	for (int i = 0; code == OK && i < times; i++) {
		if (mark)
			buffer_printf(&text, "%.*s%08d%s", (int)(mark - piece), piece, i, mark + 1);
		else
			buffer_add_text(&text, piece);
		/* small blocks would be read anew with each, as long as a tag has no end */
		if (text.size < 1 << 17 && i + 1 < times)
			continue;
		code = xml_stream_feed(s, buffer_view(&text));
		text.size = 0;
	}
	code = code == OK ? xml_stream_feed(s, view_text(end)) : code;
	code = code == OK ? xml_stream_end(s) : code;
	xml_stream_free(s);
	buffer_done(&text);
	return code;
}

static void a_long_text_is_cut_and_costs_nothing(void **state)
{
	size_t size = 0;
	(void)state;
	assert_int_equal(
		read_many("<a>", "0123456789abcdef0123456789abcdef", 1 << 20, "</a>", &size), OK);
	assert_int_equal(size, XML_TEXT_MAX);
	assert_int_equal(read_many("<a>", "<b c='0'>text</b><!-- x -->", 1 << 18, "</a>", &size),
	                 OK);
}

/* What libexpat keeps whole, or for good. */
static void what_cannot_be_cut_ends_at_a_limit(void **state)
{
	static const char filler[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	size_t size = 0;
	(void)state;
	assert_int_equal(read_many("<a><!--", filler, 1 << 18, "--></a>", &size), ERR_LIMIT);
	assert_int_equal(read_many("<a b='", filler, 1 << 18, "'/>", &size), ERR_LIMIT);
	assert_int_equal(read_many("<a>", "<name-of-an-element-%/>", 1 << 20, "</a>", &size),
	                 ERR_LIMIT);
	assert_int_equal(read_many("<a>", "<b attribute-%='1'/>", 1 << 20, "</a>", &size),
	                 ERR_LIMIT);
	assert_int_equal(read_many("<a>", "<b>", XML_DEPTH_MAX, "", &size), ERR_LIMIT);
	assert_int_equal(read_many("", "<b>", XML_DEPTH_MAX, "", &size), ERR_TRUNCATED);
	/* and that memory was given back */
	assert_int_equal(read_many("<a>", filler, 1, "</a>", &size), OK);
}

static void an_error_has_a_line_and_a_column(void **state)
{
	struct buffer out = {0};
	struct xml_place place;
	(void)state;
	assert_int_equal(read_in(view_text("<a>\n  <b></c>"), 3, &out, &place), ERR_MALFORMED);
	assert_string_equal(place.why, "mismatched tag");
	assert_int_equal(place.line, 2);
	assert_int_equal(place.column, 8);
	buffer_done(&out);
}

static void a_head_is_told_without_a_parser(void **state)
{
	static const struct {
		const char *text, *root, *attributes;
	} heads[] = {
		{"<a>", "a", ""},
		{"\n<?xml version='1.0'?><!-- <b> --><!DOCTYPE a PUBLIC 'x' 'y'>\n<p:a c='d'/>",
	         "a", " c='d'/"},
		{"<!DOCTYPE a [<!ENTITY b '<c>'> ] ><a>", "a", ""},
		{"<a/>", "a", "/"},
	};
	static const char *const none[] = {
		"", "a", "<", "<a", "<?xml?>", "<>", "<!-- ", "<!DOCTYPE", "<!DOCTYPE a [", "{}"};
	struct xml_head head;
	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		assert_true(xml_head_read(view_text(heads[i].text), &head));
		assert_true(view_is(head.root, heads[i].root));
		assert_true(view_is(head.attributes, heads[i].attributes));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(xml_head_read(view_text(none[i]), &head));
	assert_true(
		xml_head_read(view_text("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>"), &head));
	assert_true(head.says_utf16);
	assert_true(
		xml_head_read(view_text("<?xml version=\"1.0\" encoding=\"utf-8\"?><a>"), &head));
	assert_false(head.says_utf16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_their_namespace_whatever_the_prefix),
		cmocka_unit_test(a_text_is_one_across_comments_and_references),
		cmocka_unit_test(what_the_caller_says_ends_it),
		cmocka_unit_test(what_is_not_whole_is_truncated),
		cmocka_unit_test(what_declares_names_of_its_own_is_refused),
		cmocka_unit_test(a_long_text_is_cut_and_costs_nothing),
		cmocka_unit_test(what_cannot_be_cut_ends_at_a_limit),
		cmocka_unit_test(an_error_has_a_line_and_a_column),
		cmocka_unit_test(a_head_is_told_without_a_parser),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
