#include "base/timestamp.h"
#include "gate/dns/miss_limit.h"
#include "tests/test.h"

enum { RATE = 10 };

static struct dname name_of(const char *text)
{
	struct dname name;
	assert_int_equal(dname_parse_text(view_text(text), &name), OK);
	return name;
}

static struct miss_limit *make(void)
{
	struct miss_limit *l;
	assert_int_equal(miss_limit_new(RATE, 1024, 1, &l), OK);
	return l;
}

/* So many names "nNN.<below>" that nobody finds; returns how many went out. */
static unsigned miss(struct miss_limit *l, const char *below, unsigned count, int64_t now_us)
{
	unsigned asked = 0;
	for (unsigned i = 0; i < count; i++) {
		char text[300];
		(void)snprintf(text, sizeof(text), "n%u.%s", i, below);
		struct dname name = name_of(text);
		if (!miss_limit_allows(l, &name, now_us))
			continue;
		miss_limit_asked(l, &name, now_us);
		asked++;
	}
	return asked;
}

static bool allows(struct miss_limit *l, const char *text)
{
	struct dname name = name_of(text);
	/* one in so many passes in any case */
	return miss_limit_allows(l, &name, 0) && miss_limit_allows(l, &name, 0);
}

static void names_that_are_not_found_are_asked_at_the_rate_and_then_one_in_ten(void **state)
{
	(void)state;
	cleanup(miss_limit) struct miss_limit *l = make();
	assert_int_equal(miss(l, "victim.example", RATE + 100, 0), RATE + 100 / MISS_LIMIT_SLIP);
	assert_int_equal(miss(l, "victim.example", RATE, SECOND_US), RATE);
	assert_true(allows(l, "www.other.example"));
}

static void names_that_are_found_are_never_limited(void **state)
{
	(void)state;
	cleanup(miss_limit) struct miss_limit *l = make();
	for (unsigned i = 0; i < 100 * RATE; i++) {
		char text[64];
		(void)snprintf(text, sizeof(text), "h%u.farm.example", i);
		struct dname name = name_of(text);
		assert_true(miss_limit_allows(l, &name, 0));
		miss_limit_asked(l, &name, 0);
		miss_limit_found(l, &name);
	}
}

static void random_labels_at_several_depths_count_against_what_they_share(void **state)
{
	(void)state;
	cleanup(miss_limit) struct miss_limit *l = make();
	for (unsigned i = 0; i < RATE; i++) {
		char below[64];
		(void)snprintf(below, sizeof(below), "x%u.y%u.victim.example", i, i);
		assert_int_equal(miss(l, below, 1, 0), 1);
	}
	assert_false(allows(l, "a.b.victim.example"));
	assert_false(allows(l, "www.victim.example"));
	assert_true(allows(l, "victim.example"));
	assert_true(allows(l, "www.example.example"));
}

static void the_longest_names_count_as_well(void **state)
{
	(void)state;
	cleanup(miss_limit) struct miss_limit *l = make();
	char below[256] = "";
	for (unsigned i = 0; i < 100; i++)
		strcat(below, "a.");
	strcat(below, "victim.example");
	assert_int_equal(miss(l, below, RATE, 0), RATE);
	assert_false(allows(l, "www.victim.example"));
}

static void a_top_level_domain_and_all_reverse_names_together_have_no_limit(void **state)
{
	(void)state;
	cleanup(miss_limit) struct miss_limit *l = make();
	assert_int_equal(miss(l, "example", 10 * RATE, 0), 10 * RATE);
	assert_int_equal(miss(l, "in-addr.arpa", 10 * RATE, 0), 10 * RATE);
	assert_int_equal(miss(l, "2.0.192.in-addr.arpa", RATE + 5, 0), RATE);
	assert_true(allows(l, "1.113.0.203.in-addr.arpa"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			names_that_are_not_found_are_asked_at_the_rate_and_then_one_in_ten),
		cmocka_unit_test(names_that_are_found_are_never_limited),
		cmocka_unit_test(random_labels_at_several_depths_count_against_what_they_share),
		cmocka_unit_test(the_longest_names_count_as_well),
		cmocka_unit_test(a_top_level_domain_and_all_reverse_names_together_have_no_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
