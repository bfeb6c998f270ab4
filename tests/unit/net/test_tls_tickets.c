#include "base/timestamp.h"
#include "net/tls_tickets.h"
#include "tests/test.h"

#define PERIOD_US (TLS_TICKET_PERIOD_S * SECOND_US)

static const uint8_t seed[TLS_TICKET_SEED_SIZE] = {1, 2, 3};

static void workers_have_the_same_keys_whenever_they_look(void **state)
{
	struct tls_tickets often, rarely;
	(void)state;
	tls_tickets_init(&often, seed, 5);
	tls_tickets_init(&rarely, seed, 5);
	for (int64_t now_us = 5; now_us < 9 * PERIOD_US; now_us += PERIOD_US / 3)
		(void)tls_tickets_current(&often, now_us);
	const struct tls_ticket_key *a = tls_tickets_current(&often, 9 * PERIOD_US);
	const struct tls_ticket_key *b = tls_tickets_current(&rarely, 9 * PERIOD_US);
	assert_memory_equal(a, b, sizeof(*a));
	assert_memory_not_equal(a->cipher, a->mac, sizeof(a->mac));
}

static void a_key_is_found_for_its_period_and_the_next_and_then_gone(void **state)
{
	struct tls_tickets t;
	uint8_t name[TLS_TICKET_NAME_SIZE];
	(void)state;
	tls_tickets_init(&t, seed, 0);
	struct tls_ticket_key first = *tls_tickets_current(&t, 0);
	memcpy(name, first.name, sizeof(name));
	assert_ptr_equal(tls_tickets_find(&t, name, PERIOD_US - 1), &t.current);
	const struct tls_ticket_key *old = tls_tickets_find(&t, name, PERIOD_US);
	assert_ptr_equal(old, &t.previous);
	assert_memory_equal(old, &first, sizeof(first));
	assert_memory_not_equal(t.current.name, name, sizeof(name));
	assert_ptr_equal(tls_tickets_find(&t, name, 2 * PERIOD_US - 1), &t.previous);
	assert_null(tls_tickets_find(&t, name, 2 * PERIOD_US));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_have_the_same_keys_whenever_they_look),
		cmocka_unit_test(a_key_is_found_for_its_period_and_the_next_and_then_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
