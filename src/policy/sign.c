#include "policy/sign.h"

#include <sodium.h>
#include <string.h>

#include "policy/image_builder.h"

static void digest(const void *image, size_t size, uint8_t ret[static crypto_generichash_BYTES_MAX])
{
	struct view content = image_content(image, size);
	crypto_generichash(ret, crypto_generichash_BYTES_MAX, content.bytes, content.size, NULL, 0);
}

int policy_sign(void *image, size_t size, const uint8_t secret[static 64])
{
	struct image_header *h = image;
	uint8_t hash[crypto_generichash_BYTES_MAX];
	if (size < sizeof(*h))
		return ERR_TRUNCATED;
	digest(image, size, hash);
	if (crypto_sign_detached(h->signature, NULL, hash, sizeof(hash), secret) != 0 ||
	    crypto_sign_ed25519_sk_to_pk(h->key, secret) != 0)
		return ERR_SIGNATURE;
	return OK;
}

int policy_verify(struct view image, const uint8_t key[static IMAGE_KEY_SIZE])
{
	const struct image_header *h = (const void *)image.bytes;
	uint8_t hash[crypto_generichash_BYTES_MAX];
	if (image.size < sizeof(*h))
		return ERR_TRUNCATED;
	if (memcmp(h->key, key, IMAGE_KEY_SIZE) != 0)
		return ERR_SIGNATURE;
	digest(image.bytes, image.size, hash);
	return crypto_sign_verify_detached(h->signature, hash, sizeof(hash), key) == 0
	               ? OK
	               : ERR_SIGNATURE;
}
