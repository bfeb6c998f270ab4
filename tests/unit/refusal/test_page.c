#include "record/event.h"
#include "refusal/page.h"
#include "tests/unit/policy/world.h"

struct shown {
	struct world world;
	struct policy policy;
	uint8_t room[PAGE_SIZE_MAX];
	char text[PAGE_SIZE_MAX + 1];
};

static void show(struct shown *s, const char *order, const char *accept_language, bool is_head)
{
	world_read(&s->world, product_yaml, order, organisation_yaml);
	world_compile(&s->world);
	assert_int_equal(s->world.result, OK);
	assert_int_equal(policy_open(buffer_view(&s->world.image), &s->policy), OK);
	struct page page = {.policy = &s->policy,
	                    .reference = 0x1234567890,
	                    .accept_language = view_text(accept_language),
	                    .is_head = is_head};
	size_t size = page_write(&page, s->room);
	memcpy(s->text, s->room, size);
	s->text[size] = '\0';
}

static bool has(const struct shown *s, const char *part)
{
	return strstr(s->text, part);
}

static void a_page_names_order_clause_words_contact_and_reference(void **state)
{
	(void)state;
	static struct shown s;
	char reference[EVENT_REFERENCE_SIZE];
	show(&s, order_yaml, NULL, false);
	assert_true(has(&s, "HTTP/1.1 451 "));
	assert_true(has(&s, "Connection: close\r\n"));
	assert_true(has(&s, "Order ban (1) prohibits Seek here. Contact: it@body.example."));
	assert_true(has(&s, "Do not use it."));
	assert_true(has(&s, event_reference_print(0x1234567890, reference)));
	assert_true(has(&s, "A body"));
	world_done(&s.world);
}

static void the_length_that_it_says_is_that_of_its_body_and_a_head_has_none(void **state)
{
	(void)state;
	static struct shown s;
	size_t sizes[2];
	for (int is_head = 0; is_head < 2; is_head++) {
		show(&s, order_yaml, NULL, is_head);
		const char *length = strstr(s.text, "Content-Length: ");
		const char *body = strstr(s.text, "\r\n\r\n");
		assert_non_null(length);
		assert_non_null(body);
		sizes[is_head] = strtoul(length + 16, NULL, 10);
		assert_int_equal(strlen(body + 4), is_head ? 0 : sizes[0]);
		world_done(&s.world);
	}
	assert_int_equal(sizes[0], sizes[1]);
}

static void a_page_is_in_the_readers_language(void **state)
{
	(void)state;
	static struct shown s;
	show(&s, order_yaml, "fr;q=0.9, zh-Hant;q=0.8, en;q=0.3", false);
	assert_true(has(&s, "lang=\"zh-TW\""));
	assert_true(has(&s, "命令 ban（1）"));
	assert_true(has(&s, "Content-Language: zh-TW\r\n"));
	world_done(&s.world);
	show(&s, order_yaml, "fr", false);
	assert_true(has(&s, "lang=\"en\""));
	world_done(&s.world);
}

static void what_administrators_write_is_no_markup(void **state)
{
	(void)state;
	static struct shown s;
	char *order = with(order_yaml, "Do not use it.",
	                   "'"
	                   "<b>\"it''s\" & that</b>"
	                   "'");
	show(&s, order, NULL, false);
	free(order);
	assert_true(has(&s, "&lt;b&gt;&quot;it&#39;s&quot; &amp; that&lt;/b&gt;"));
	assert_false(has(&s, "<b>"));
	world_done(&s.world);
}

static void long_words_are_cut_and_the_page_still_whole(void **state)
{
	(void)state;
	static struct shown s;
	char words[2048];
	memset(words, '"', sizeof(words) - 1);
	words[0] = words[sizeof(words) - 2] = '\'';
	words[sizeof(words) - 1] = '\0';
	char *order = with(order_yaml, "Do not use it.", words);
	show(&s, order, NULL, false);
	free(order);
	assert_true(has(&s, "Network of: A body</p>\n"));
	world_done(&s.world);
}

static void the_best_language_by_quality_is_taken(void **state)
{
	(void)state;
	static const struct {
		const char *field, *language;
	} rows[] = {
		{"", NULL},
		{"en", "en"},
		{"en-GB,en;q=0.9", "en"},
		{"ZH-tw", "zh-TW"},
		{"de, zh;q=0.5, en;q=0.4", "zh-TW"},
		{"zh;q=0, en;q=0.001", "en"},
		{"zh;q=0", NULL},
		{"zh;q=x, en;q=0.1", "en"},
		{"*", NULL},
		{"english", NULL},
		{"zh ; q=0.2 , en ; q=0.3", "en"},
		{";;,,;q=1,-", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *language = page_language(view_text(rows[i].field));
		if (rows[i].language)
			assert_string_equal(language, rows[i].language);
		else
			assert_null(language);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_names_order_clause_words_contact_and_reference),
		cmocka_unit_test(the_length_that_it_says_is_that_of_its_body_and_a_head_has_none),
		cmocka_unit_test(a_page_is_in_the_readers_language),
		cmocka_unit_test(what_administrators_write_is_no_markup),
		cmocka_unit_test(long_words_are_cut_and_the_page_still_whole),
		cmocka_unit_test(the_best_language_by_quality_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
