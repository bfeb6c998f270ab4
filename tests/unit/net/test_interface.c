#include <errno.h>

#include "net/interface.h"
#include "tests/test.h"

static const struct endpoint loopback = {.family = ADDRESS_V4, .bytes = {127, 0, 0, 1}, .port = 53};
static const struct endpoint any4 = {.family = ADDRESS_V4, .port = 5353};

static void loopback_and_what_is_not_there_are_no_interfaces(void **state)
{
	(void)state;
	struct interface i;
	assert_int_equal(interface_read("lo", &i), -ENODEV);
	assert_int_equal(interface_read("absent0", &i), -ENODEV);
	assert_int_equal(interface_read("", &i), -ENODEV);
	char names[INTERFACES_MAX][IF_NAMESIZE];
	assert_int_equal(interfaces_with(&loopback, 1, names), 0);
}

static void an_address_stays_as_it_is(void **state)
{
	(void)state;
	struct endpoint found[2];
	assert_int_equal(interface_addresses(&loopback, 1, found, 2), 1);
	assert_true(endpoint_equal(&found[0], &loopback));
}

static void a_wildcard_becomes_all_addresses_of_its_family(void **state)
{
	(void)state;
	struct endpoint found[256];
	int count = interface_addresses(&any4, 1, found, 256);
	bool has_loopback = false;
	assert_true(count >= 1);
	for (int i = 0; i < count; i++) {
		assert_int_equal(found[i].family, ADDRESS_V4);
		assert_int_equal(found[i].port, any4.port);
		assert_false(endpoint_is_wildcard(&found[i]));
		has_loopback |= memcmp(found[i].bytes, loopback.bytes, 16) == 0;
	}
	assert_true(has_loopback);
}

static void more_than_there_is_room_for_is_said(void **state)
{
	(void)state;
	const struct endpoint both[] = {loopback, any4};
	struct endpoint found[1];
	assert_int_equal(interface_addresses(both, 2, found, 1), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_and_what_is_not_there_are_no_interfaces),
		cmocka_unit_test(an_address_stays_as_it_is),
		cmocka_unit_test(a_wildcard_becomes_all_addresses_of_its_family),
		cmocka_unit_test(more_than_there_is_room_for_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
