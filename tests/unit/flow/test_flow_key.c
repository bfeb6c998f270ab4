#include "flow/flow_key.h"
#include "tests/test.h"

static struct flow_key key_of(const char *client, uint16_t client_port, const char *server,
                              uint16_t server_port)
{
	struct flow_key key = {
		.client_port = client_port, .server_port = server_port, .protocol = FLOW_TCP};
	assert_int_equal(address_parse(view_text(client), &key.client), OK);
	assert_int_equal(address_parse(view_text(server), &key.server), OK);
	return key;
}

static void both_directions_hash_alike(void **state)
{
	(void)state;
	struct flow_key key = key_of("192.0.2.1", 40000, "198.51.100.2", 443);
	struct flow_key turned = flow_key_turned(&key);
	assert_false(flow_key_equal(&key, &turned));
	assert_int_equal(flow_key_hash(&key, 7), flow_key_hash(&turned, 7));
	struct flow_key again = flow_key_turned(&turned);
	assert_true(flow_key_equal(&key, &again));
}

static void the_seed_and_every_part_count(void **state)
{
	(void)state;
	struct flow_key key = key_of("2001:db8::1", 40000, "2001:db8::2", 443);
	uint64_t hash = flow_key_hash(&key, 7);
	assert_int_not_equal(hash, flow_key_hash(&key, 8));
	struct flow_key other = key;
	other.client_port++;
	assert_int_not_equal(hash, flow_key_hash(&other, 7));
	assert_false(flow_key_equal(&key, &other));
	other = key;
	other.server.bytes[15]++;
	assert_int_not_equal(hash, flow_key_hash(&other, 7));
	other = key;
	other.protocol = FLOW_UDP;
	assert_int_not_equal(hash, flow_key_hash(&other, 7));
	assert_false(flow_key_equal(&key, &other));
}

static void a_flow_from_a_place_to_itself_has_a_hash_of_its_own(void **state)
{
	(void)state;
	struct flow_key a = key_of("127.0.0.1", 53, "127.0.0.1", 53);
	struct flow_key b = key_of("127.0.0.2", 53, "127.0.0.2", 53);
	assert_int_not_equal(flow_key_hash(&a, 7), flow_key_hash(&b, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_hash_alike),
		cmocka_unit_test(the_seed_and_every_part_count),
		cmocka_unit_test(a_flow_from_a_place_to_itself_has_a_hash_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
