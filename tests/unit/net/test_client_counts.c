#include "net/client_counts.h"
#include "tests/random.h"
#include "tests/test.h"

enum { CLIENTS = 40, CONNECTIONS = 64, STEPS = 20000 };

static struct address client(uint32_t number)
{
	uint8_t bytes[4] = {192, 0, 2, (uint8_t)number};
	return address_from_bytes(bytes, sizeof(bytes));
}

/* Small tables make long runs, so that gaps are closed in every way. */
static void counts_are_as_if_each_client_had_its_own_counter(void **state)
{
	(void)state;
	struct client_counts *c;
	uint32_t expected[CLIENTS] = {0}, all = 0;
	uint64_t random = 1;
	assert_int_equal(client_counts_new(CONNECTIONS, 7, &c), OK);
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = random_below(&random, CLIENTS);
		struct address a = client(i);
		if (all < CONNECTIONS && random_below(&random, 2)) {
			client_counts_add(c, &a);
			expected[i]++;
			all++;
		} else if (expected[i]) {
			client_counts_remove(c, &a);
			expected[i]--;
			all--;
		}
		for (uint32_t k = 0; k < CLIENTS; k++) {
			a = client(k);
			assert_int_equal(client_counts_of(c, &a), expected[k]);
		}
	}
	client_counts_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_as_if_each_client_had_its_own_counter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
