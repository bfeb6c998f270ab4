#include "cmd/signing.h"

#include <sodium.h>
#include <stdio.h>

#include "base/buffer.h"
#include "daemon/exit_status.h"
#include "policy/sign.h"
#include "record/note.h"
#include "source/file.h"

enum { KEY_FILE_SIZE_MAX = 4096 };

int sign_image(const char *key_file, void *image, size_t size)
{
	struct buffer text = {0};
	struct note_signer signer;
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	int r = file_read(key_file, KEY_FILE_SIZE_MAX, &text);
	if (r == OK)
		r = note_signer_parse(buffer_view(&text), &signer);
	if (text.bytes)
		sodium_memzero(text.bytes, text.size);
	buffer_done(&text);
	if (r < 0) {
		fprintf(stderr, "writ: cannot sign with %s: %s\n", key_file, err_text(r));
		return (int)exit_status_of(r);
	}
	crypto_sign_seed_keypair(public_key, secret, signer.seed);
	note_signer_done(&signer);
	r = policy_sign(image, size, secret);
	sodium_memzero(secret, sizeof(secret));
	if (r < 0)
		fprintf(stderr, "writ: cannot sign with %s: %s\n", key_file, err_text(r));
	return (int)exit_status_of(r);
}
