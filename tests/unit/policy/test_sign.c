#include <sodium.h>

#include "policy/sign.h"
#include "tests/unit/policy/world.h"

static void a_signature_holds_for_its_key_and_content_only(void **state)
{
	(void)state;
	struct world w;
	struct policy before, after;
	uint8_t key[32], secret[64], other_key[32], other_secret[64];
	assert_true(sodium_init() >= 0);
	assert_int_equal(crypto_sign_keypair(key, secret), 0);
	assert_int_equal(crypto_sign_keypair(other_key, other_secret), 0);
	world_read(&w, product_yaml, order_yaml, organisation_yaml);
	world_compile(&w);
	struct view image = buffer_view(&w.image);
	assert_int_equal(policy_verify(image, key), ERR_SIGNATURE);
	assert_int_equal(policy_open(image, &before), OK);
	uint64_t version = policy_version(&before);
	assert_int_equal(policy_sign(w.image.bytes, w.image.size, secret), OK);
	assert_int_equal(policy_verify(image, key), OK);
	assert_int_equal(policy_verify(image, other_key), ERR_SIGNATURE);
	assert_int_equal(policy_open(image, &after), OK);
	assert_true(policy_version(&after) == version);
	for (size_t at = offsetof(struct image_header, key); at < w.image.size; at++) {
		w.image.bytes[at] ^= 1;
		assert_int_equal(policy_verify(image, key), ERR_SIGNATURE);
		w.image.bytes[at] ^= 1;
	}
	assert_int_equal(policy_verify(image, key), OK);
	world_done(&w);
}

static void what_is_no_image_is_not_signed(void **state)
{
	(void)state;
	uint8_t bytes[sizeof(struct image_header) - 1] = {0}, key[64] = {0};
	assert_int_equal(policy_sign(bytes, sizeof(bytes), key), ERR_TRUNCATED);
	assert_int_equal(policy_verify(view_of(bytes, sizeof(bytes)), key), ERR_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_holds_for_its_key_and_content_only),
		cmocka_unit_test(what_is_no_image_is_not_signed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
