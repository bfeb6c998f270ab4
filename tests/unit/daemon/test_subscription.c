#include "daemon/subscription.h"
#include "tests/test.h"

static struct subscriptions read_back(const struct list_set *set, struct arena *a)
{
	struct buffer text = {0};
	struct subscriptions all;
	subscriptions_print(set, &text);
	assert_false(text.failed);
	assert_int_equal(subscriptions_parse(buffer_view(&text), a, &all), OK);
	buffer_done(&text);
	return all;
}

static void only_fetched_lists_are_told_and_read_back_the_same(void **state)
{
	(void)state;
	struct arena a;
	struct loaded_list items[] = {
		{.id = "house", .file = "/etc/writ/house.txt"},
		{.id = "ads",
	         .url = "https://lists.example/a?b=c",
	         .ca = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
	         .format = NAME_LIST_RPZ,
	         .refresh_us = DAY_US,
	         .size_max = 1000},
	};
	struct list_set set = {.items = items, .count = 2};
	arena_init(&a, 0);
	struct subscriptions all = read_back(&set, &a);
	assert_int_equal(all.lists.count, 1);
	const struct subscription *s = all.lists.items;
	assert_string_equal(s->id, "ads");
	assert_string_equal(s->url, items[1].url);
	assert_string_equal(s->ca, items[1].ca);
	assert_null(s->pin);
	assert_int_equal(s->format, NAME_LIST_RPZ);
	assert_int_equal(s->refresh_us, DAY_US);
	assert_int_equal(s->size_max, 1000);
	arena_done(&a);
}

static void no_list_at_all_is_a_text_too(void **state)
{
	(void)state;
	struct arena a;
	struct buffer text = {0};
	struct list_set set = {0};
	arena_init(&a, 0);
	assert_int_equal(read_back(&set, &a).lists.count, 0);
	subscriptions_print(&set, &text);
	assert_true(text.size > 0);
	buffer_done(&text);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_fetched_lists_are_told_and_read_back_the_same),
		cmocka_unit_test(no_list_at_all_is_a_text_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
