/* sign.h - the signature of a policy image that travels.
 *
 * Ed25519 over BLAKE2b-512 of everything from the section table on (libsodium). The signature lies in the
 * header, which the checksum does not cover, so signing changes neither version nor content.
 * The caller has called sodium_init(). */
#pragma once

#include "base/err.h"
#include "base/view.h"
#include "policy/image.h"

/* `secret` is the 64-byte Ed25519 secret key of libsodium. The image must be one that policy_open() took. */
int policy_sign(void *image, size_t size, const uint8_t secret[static 64]) must_check;
/* ERR_SIGNATURE when the image is not signed, or not by the key. */
int policy_verify(struct view image, const uint8_t key[static IMAGE_KEY_SIZE]) must_check;
