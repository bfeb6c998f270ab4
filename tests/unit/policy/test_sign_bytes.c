#include <sodium.h>
#include <stddef.h>
#include <string.h>

#include "policy/sign.h"
#include "tests/test.h"

enum { CONTENT_SIZE = 100 };

struct signed_image {
	struct image_header header;
	uint8_t content[CONTENT_SIZE];
};

static uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];

static void sign(struct signed_image *image)
{
	uint8_t hash[crypto_generichash_BYTES_MAX];
	const uint8_t *from = (const uint8_t *)image + offsetof(struct image_header, sections);
	size_t size = sizeof(*image) - offsetof(struct image_header, sections);
	memcpy(image->header.key, public_key, sizeof(public_key));
	crypto_generichash(hash, sizeof(hash), from, size, NULL, 0);
	crypto_sign_detached(image->header.signature, NULL, hash, sizeof(hash), secret_key);
}

static void a_signed_image_is_accepted(void **state)
{
	(void)state;
	struct signed_image image = {.content = "policy"};
	sign(&image);
	assert_int_equal(policy_verify(view_of(&image, sizeof(image)), public_key), OK);
}

static void any_flipped_bit_of_key_signature_and_content_is_noticed(void **state)
{
	(void)state;
	struct signed_image image = {.content = "policy"};
	sign(&image);
	for (size_t i = offsetof(struct image_header, key); i < sizeof(image); i++) {
		((uint8_t *)&image)[i] ^= 0x10;
		assert_int_equal(policy_verify(view_of(&image, sizeof(image)), public_key),
		                 ERR_SIGNATURE);
		((uint8_t *)&image)[i] ^= 0x10;
	}
}

static void an_unsigned_or_truncated_image_is_refused(void **state)
{
	(void)state;
	struct signed_image image = {.content = "policy"};
	struct view all = view_of(&image, sizeof(image));
	assert_int_equal(policy_verify(all, public_key), ERR_SIGNATURE);
	sign(&image);
	assert_int_equal(policy_verify(view_of(&image, sizeof(image) - 1), public_key),
	                 ERR_SIGNATURE);
	assert_int_equal(policy_verify(view_of(&image, 20), public_key), ERR_TRUNCATED);
}

static int make_keys(void **state)
{
	(void)state;
	return sodium_init() < 0 ? -1 : crypto_sign_keypair(public_key, secret_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_image_is_accepted),
		cmocka_unit_test(any_flipped_bit_of_key_signature_and_content_is_noticed),
		cmocka_unit_test(an_unsigned_or_truncated_image_is_refused),
	};
	return cmocka_run_group_tests(tests, make_keys, NULL);
}
