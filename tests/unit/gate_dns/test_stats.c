#include <string.h>

#include "gate/dns/stats.h"
#include "tests/test.h"

static void every_counter_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < DNS_COUNTERS; i++) {
		assert_non_null(dns_counters[i].name);
		size_t size = strlen(dns_counters[i].help);
		assert_int_equal(dns_counters[i].help[size - 1], '.');
		for (int k = 0; k < i; k++)
			assert_string_not_equal(dns_counters[i].name, dns_counters[k].name);
	}
}

static void a_time_counts_under_the_first_bound_that_holds_it(void **state)
{
	(void)state;
	struct histogram h = {0}, sum = {0};
	histogram_add(&h, dns_time_bounds_us, 0);
	histogram_add(&h, dns_time_bounds_us, dns_time_bounds_us[0]);
	histogram_add(&h, dns_time_bounds_us, dns_time_bounds_us[0] + 1);
	histogram_add(&h, dns_time_bounds_us, dns_time_bounds_us[HISTOGRAM_BOUNDS - 1] + 1);
	histogram_sum(&sum, &h);
	histogram_sum(&sum, &h);
	assert_int_equal(sum.counts[0], 4);
	assert_int_equal(sum.counts[1], 2);
	assert_int_equal(sum.counts[HISTOGRAM_BOUNDS], 2);
	assert_int_equal(sum.sum, 2 * (2 * dns_time_bounds_us[0] + 1 +
	                               dns_time_bounds_us[HISTOGRAM_BOUNDS - 1] + 1));
}

static void a_tally_counts_rules_and_facets_of_one_policy(void **state)
{
	(void)state;
	static struct tally t, sum;
	tally_begin(&t, 7);
	tally_add(&t, 3, 1 << 0 | 1 << 5, TALLY_BLOCKED);
	tally_add(&t, TALLY_RULES, 1 << 5, TALLY_BLOCKED);
	tally_add(&t, 3, 0, TALLY_OBSERVED);
	tally_begin(&t, 7); /* the same goes on */
	tally_sum(&sum, &t, 8);
	assert_int_equal(sum.rules[3][TALLY_BLOCKED], 0);
	tally_sum(&sum, &t, 7);
	assert_int_equal(sum.rules[3][TALLY_BLOCKED], 1);
	assert_int_equal(sum.rules[3][TALLY_OBSERVED], 1);
	assert_int_equal(sum.facets[0][TALLY_BLOCKED], 1);
	assert_int_equal(sum.facets[5][TALLY_BLOCKED], 2);
	tally_begin(&t, 8);
	assert_int_equal(t.rules[3][TALLY_BLOCKED], 0);
	assert_int_equal(t.facets[5][TALLY_BLOCKED], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_counter_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(a_time_counts_under_the_first_bound_that_holds_it),
		cmocka_unit_test(a_tally_counts_rules_and_facets_of_one_policy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
