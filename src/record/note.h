/* note.h - text signed with Ed25519 keys that have names.
 *
 * What:    pure functions. Texts and lines inside a parsed note are views into the caller's bytes.
 * Fails:   ERR_MALFORMED for what the format forbids, ERR_LIMIT over NOTE_SIZE_MAX or
 *          NOTE_SIGNATURES_MAX, ERR_SIGNATURE when no known key signed, or a known key's signature is
 *          wrong.
 * Limits:  see the enum. Unknown signatures (other keys, other algorithms) are kept and ignored.
 * Needs:   sodium_init() called by the program.
 * Source:  c2sp.org/signed-note; the private key form is that of golang.org/x/mod/sumdb/note. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/view.h"

enum {
	NOTE_SIZE_MAX = 1 << 20,
	NOTE_SIGNATURES_MAX = 100,
	NOTE_NAME_SIZE = 256, /* of a key name, with its NUL */
	NOTE_KEY_SIZE = 32,
	NOTE_SEED_SIZE = 32,
	NOTE_SIGNATURE_SIZE = 64,
	NOTE_KEY_TEXT_SIZE = NOTE_NAME_SIZE + 80,
	NOTE_ED25519 = 1, /* the type byte of the algorithm */
};

struct note_signature {
	struct view name;
	uint32_t id;
	struct view base64; /* of the whole field, the id included */
};

struct note {
	struct view text; /* with its final newline */
	size_t count;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

struct note_verifier {
	char name[NOTE_NAME_SIZE];
	uint32_t id;
	uint8_t key[NOTE_KEY_SIZE];
};

struct note_signer {
	struct note_verifier verifier;
	uint8_t seed[NOTE_SEED_SIZE]; /* secret: note_signer_done() */
};

bool note_name_is_valid(struct view name);
int note_parse(struct view bytes, struct note *ret) must_check;
/* OK when `verifier` signed; its signature must be there exactly as often as it is right. */
int note_verify(const struct note *note, const struct note_verifier *verifier) must_check;
/* Appends the signed note of `text`, which ends in a newline. */
int note_sign(struct view text, const struct note_signer *signer, struct buffer *out) must_check;

uint32_t note_key_id(struct view name, const uint8_t key[static NOTE_KEY_SIZE]);
/* `name+hash+base64`, surrounding white space ignored. */
int note_verifier_parse(struct view text, struct note_verifier *ret) must_check;
const char *note_verifier_print(const struct note_verifier *verifier,
                                char text[static NOTE_KEY_TEXT_SIZE]);
/* `PRIVATE+KEY+name+hash+base64`. */
int note_signer_parse(struct view text, struct note_signer *ret) must_check;
const char *note_signer_print(const struct note_signer *signer,
                              char text[static NOTE_KEY_TEXT_SIZE]);
/* Makes the key from a seed that the caller drew (randombytes_buf). */
int note_signer_init(struct note_signer *signer, struct view name,
                     const uint8_t seed[static NOTE_SEED_SIZE]) must_check;
void note_signer_done(struct note_signer *signer);
