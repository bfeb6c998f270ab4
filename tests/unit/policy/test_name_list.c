#include <stdlib.h>

#include "policy/name_list.h"
#include "tests/test.h"

/* What a list gives, one line an entry: `rule name`, `exception rule name`, `line:column expected`. */
static void read_list(const char *text, enum name_list_format format, struct buffer *ret)
{
	static const char *const rules[] = {"exact", "suffix", "below"};
	struct name_list list;
	struct name_list_entry entry;
	char name[DNAME_TEXT_SIZE];
	enum name_list_kind kind;
	name_list_open(view_text(text), format, &list);
	while ((kind = name_list_next(&list, &entry)) != NAME_LIST_END) {
		if (kind == NAME_LIST_PROBLEM)
			buffer_printf(ret, "%u:%u\n", entry.line, entry.column);
		else
			buffer_printf(ret, "%s%s %s\n", kind == NAME_LIST_EXCEPTION ? "not " : "",
			              rules[entry.rule], dname_print(&entry.name, name));
	}
}

static void check(enum name_list_format format, const char *text, const char *expected)
{
	struct buffer out = {0};
	read_list(text, format, &out);
	char *got = buffer_take(&out);
	assert_non_null(got);
	assert_string_equal(got, expected);
	free(got);
}

static void plain_names_cover_all_below_them(void **state)
{
	(void)state;
	check(NAME_LIST_PLAIN, "example.com\n", "suffix example.com\n");
	check(NAME_LIST_PLAIN, "\xef\xbb\xbfone.example\r\n\r\n  Two.Example. # note\n",
	      "suffix one.example\nsuffix two.example\n");
	check(NAME_LIST_PLAIN, "*.example.com\n.example.net",
	      "below example.com\nsuffix example.net\n");
	check(NAME_LIST_PLAIN, "# a\n! b\n; c\n// d\n\n", "");
	check(NAME_LIST_PLAIN, "例子.cn\n_dmarc.a-b.example\n",
	      "suffix xn--fsqu00a.cn\nsuffix _dmarc.a-b.example\n");
}

static void a_bad_line_is_a_problem_with_its_place_and_the_rest_is_read(void **state)
{
	(void)state;
	check(NAME_LIST_PLAIN, "a.example\n  http://b.example/\nc.example",
	      "suffix a.example\n2:3\nsuffix c.example\n");
	check(NAME_LIST_PLAIN, "a.example b.example\n", "1:11\n");
	check(NAME_LIST_PLAIN, "a..example\n.\n..\n*.\n*\n1.2.3.4\n12\na\\.b\n-\n",
	      "1:1\n2:1\n3:2\n4:1\n5:1\n6:1\n7:1\n8:1\nsuffix -\n");
	check(NAME_LIST_PLAIN,
	      "sixty-three-bytes-are-the-most-that-a-label-may-have-0123456789.a\n"
	      "sixty-four-bytes-are-one-more-than-a-label-may-have-0123456789ab.a\n"
	      "\xff\xfe.example\n"
	      "a\uff0fb.example\n" /* wide slash */
	      "\u3002\n",          /* wide full stop */
	      "suffix sixty-three-bytes-are-the-most-that-a-label-may-have-0123456789.a\n2:1\n3:1\n4:1\n5:1\n");
}

static void names_of_255_bytes_are_the_longest(void **state)
{
	(void)state;
	char text[300] = "";
	for (unsigned i = 0; i < 127; i++)
		strcat(text, i ? ".a" : "a"); /* 253 characters, 255 bytes of wire */
	struct name_list list;
	struct name_list_entry entry;
	name_list_open(view_text(text), NAME_LIST_PLAIN, &list);
	assert_int_equal(name_list_next(&list, &entry), NAME_LIST_NAME);
	assert_int_equal(entry.name.size, 255);
	assert_int_equal(entry.name.labels, 127);
	strcat(text, "a");
	name_list_open(view_text(text), NAME_LIST_PLAIN, &list);
	assert_int_equal(name_list_next(&list, &entry), NAME_LIST_PROBLEM);
}

static void hosts_names_are_exact(void **state)
{
	(void)state;
	check(NAME_LIST_HOSTS,
	      "# hosts\n127.0.0.1 localhost\nfe80::1%lo0 localhost\n255.255.255.255\tbroadcasthost\n"
	      "0.0.0.0 0.0.0.0\n0.0.0.0 a.example b.example # two\n:: C.example\n",
	      "exact a.example\nexact b.example\nexact c.example\n");
	check(NAME_LIST_HOSTS,
	      "192.0.2.1 printer.example\n0.0.0.0\na.example\n0.0.0.0 /x b.example\n",
	      "1:1\n2:1\n3:1\n4:9\n");
}

static void adblock_rules_for_whole_names_are_taken(void **state)
{
	(void)state;
	check(NAME_LIST_ADBLOCK,
	      "[Adblock Plus 2.0]\n! note\n# note\n||a.example^\n||b.example^$important\n||c.example^|\n"
	      "||*.d.example^\n@@||e.example^\nf.example\n||g.example\n||h.example^ # note\n",
	      "suffix a.example\nsuffix b.example\nsuffix c.example\nbelow d.example\n"
	      "not suffix e.example\nexact f.example\nsuffix g.example\nsuffix h.example\n");
	check(NAME_LIST_ADBLOCK,
	      "||a.example^$third-party\n||a.example/ads\n/banner[0-9]/\nb.example##.ad\n##.ad\n"
	      "||ads*.c.example^\n||d.example^$important,script\n||e.example^$\n||f.example^x\n",
	      "1:12\n2:12\n3:1\n4:10\n5:1\n6:3\n7:12\n8:12\n9:12\n");
}

static void dnsmasq_lines_without_a_server_are_taken(void **state)
{
	(void)state;
	check(NAME_LIST_DNSMASQ,
	      "# note\naddress=/a.example/\naddress=/b.example/0.0.0.0\naddress=/c.example/d.example/#\n"
	      "server=/e.example/\nlocal=/f.example/\nserver=/g.example/#\naddress=/*.h.example/::\n",
	      "suffix a.example\nsuffix b.example\nsuffix c.example\nsuffix d.example\n"
	      "suffix e.example\nsuffix f.example\nnot suffix g.example\nbelow h.example\n");
	check(NAME_LIST_DNSMASQ,
	      "server=/a.example/192.0.2.1\ncache-size=1\naddress=/b.example\naddress=/#/0.0.0.0\n"
	      "address=/c.example/x\naddress=//\naddress=/d.example//\n",
	      "1:19\n2:1\n3:10\n4:10\n5:20\n6:10\nsuffix d.example\n");
}

static void zones_give_their_triggers_without_the_name_of_the_zone(void **state)
{
	(void)state;
	check(NAME_LIST_RPZ,
	      "$TTL 1h\n@ IN SOA localhost. root.localhost. (\n 2026010101 ; serial\n 1h 15m 30d 2h )\n"
	      "  NS localhost.\na.example CNAME .\n*.a.example 300 IN CNAME *.\nb.example CNAME rpz-passthru.\n"
	      "c.example A 0.0.0.0\n          AAAA ::\n",
	      "exact a.example\nbelow a.example\nnot exact b.example\nexact c.example\nexact c.example\n");
	check(NAME_LIST_RPZ,
	      "$ORIGIN rpz.example.\n@ SOA a. b. 1 1 1 1 1\na.example CNAME .\n"
	      "b.example.rpz.example. CNAME *.\n$ORIGIN c.example.rpz.example.\n* CNAME rpz-drop.\n",
	      "exact a.example\nexact b.example\nbelow c.example\n");
	check(NAME_LIST_RPZ,
	      "$ORIGIN rpz.example.\na.example. CNAME .\n@ CNAME .\n* CNAME .\n"
	      "32.1.2.0.192.rpz-ip CNAME .\nb.example MX 1 a.\nc.example\nd.example CNAME\n"
	      "$INCLUDE x\ne.example CNAME rpz-tcp-only.\nf..g CNAME .\nh.example A x\n",
	      "2:1\n3:1\n4:1\n5:1\n6:11\n7:1\n8:11\n9:1\n10:17\n11:1\n12:13\n");
}

static void the_format_is_found_from_the_first_lines(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum name_list_format format;
	} cases[] = {
		{"", NAME_LIST_PLAIN},
		{"# note\n\na.example\n", NAME_LIST_PLAIN},
		{"# note\n0.0.0.0 a.example\n", NAME_LIST_HOSTS},
		{"::1 localhost\n", NAME_LIST_HOSTS},
		{"! note\n||a.example^\n", NAME_LIST_ADBLOCK},
		{"[Adblock Plus]\na.example\nb.example\n", NAME_LIST_ADBLOCK},
		{"@@||a.example^\n", NAME_LIST_ADBLOCK},
		{"address=/a.example/\n", NAME_LIST_DNSMASQ},
		{"local=/a.example/\n", NAME_LIST_DNSMASQ},
		{"$TTL 60\n@ SOA a. b. (\n1\n2\n3\n4\n5 )\n", NAME_LIST_RPZ},
		{"; note\na.example CNAME .\n", NAME_LIST_RPZ},
		{"a.example\nb.example\n||c.example^\n", NAME_LIST_PLAIN},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct name_list list;
		name_list_open(view_text(cases[i].text), NAME_LIST_AUTO, &list);
		assert_string_equal(name_list_format_text(list.format),
		                    name_list_format_text(cases[i].format));
	}
}

static void a_whole_list_is_added_and_counted(void **state)
{
	(void)state;
	struct buffer text = {0}, block = {0};
	buffer_add_text(&text, "||a.example^\n\n@@||b.a.example^\n||c.example^\n");
	for (unsigned i = 0; i < 150; i++)
		buffer_add_text(&text, "||bad/\n");
	struct name_index_builder b;
	struct problems problems = {0};
	struct name_list_counts counts;
	struct name_list_source source = {
		.file = "list.txt", .text = buffer_view(&text), .value = 1, .exception = 2};
	name_index_builder_init(&b, 0, 10);
	assert_int_equal(name_list_add(&source, &b, &problems, &counts), OK);
	assert_int_equal(counts.format, NAME_LIST_ADBLOCK);
	assert_int_equal(counts.names, 2);
	assert_int_equal(counts.exceptions, 1);
	assert_int_equal(counts.skipped, 1);
	assert_int_equal(counts.problems, 150);
	assert_int_equal(problems.count, NAME_LIST_PROBLEMS_SHOWN);
	assert_string_equal(problems.first->file, "list.txt");
	assert_int_equal(problems.first->line, 5);
	assert_int_equal(name_index_builder_finish(&b, &block), OK);
	struct name_index index;
	struct dname name;
	struct name_match match[2];
	assert_int_equal(name_index_open(buffer_view(&block), &index), OK);
	assert_int_equal(dname_parse_text(view_text("x.b.a.example"), &name), OK);
	assert_int_equal(name_index_find(&index, &name, match, 2), 2);
	assert_int_equal(match[0].value, 2);
	assert_int_equal(match[1].value, 1);
	name_index_builder_init(&b, 0, 1);
	assert_int_equal(name_list_add(&source, &b, &problems, &counts), ERR_LIMIT);
	name_index_builder_done(&b);
	problems_done(&problems);
	buffer_done(&text);
	buffer_done(&block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names_cover_all_below_them),
		cmocka_unit_test(a_bad_line_is_a_problem_with_its_place_and_the_rest_is_read),
		cmocka_unit_test(names_of_255_bytes_are_the_longest),
		cmocka_unit_test(hosts_names_are_exact),
		cmocka_unit_test(adblock_rules_for_whole_names_are_taken),
		cmocka_unit_test(dnsmasq_lines_without_a_server_are_taken),
		cmocka_unit_test(zones_give_their_triggers_without_the_name_of_the_zone),
		cmocka_unit_test(the_format_is_found_from_the_first_lines),
		cmocka_unit_test(a_whole_list_is_added_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
