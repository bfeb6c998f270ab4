/* A note that parses has views inside the input, and no key that did not sign it verifies it. Keys and
 * proofs of inclusion are read from the same bytes. */
#include <assert.h>
#include <sodium.h>

#include "record/note.h"
#include "record/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const uint8_t seed[NOTE_SEED_SIZE] = {1};
	struct view input = view_of(bytes, size);
	struct note note;
	struct note_verifier verifier;
	struct note_signer signer;
	struct proof proof;
	struct checkpoint checkpoint;
	char text[NOTE_KEY_TEXT_SIZE];
	if (sodium_init() < 0 || note_signer_init(&signer, view_text("fuzz.example"), seed) < 0)
		return 0;
	if (note_parse(input, &note) == OK) {
		assert(note.text.bytes == bytes && note.text.size < size);
		assert(note.count > 0 && note.count <= NOTE_SIGNATURES_MAX);
		assert(note_verify(&note, &signer.verifier) == ERR_SIGNATURE);
	}
	if (note_verifier_parse(input, &verifier) == OK)
		assert(view_is(view_trim(input), note_verifier_print(&verifier, text)));
	if (note_signer_parse(input, &signer) == OK)
		assert(view_is(view_trim(input), note_signer_print(&signer, text)));
	if (proof_parse(input, &proof) == OK) {
		struct buffer again = {0};
		proof_print(&proof, &again);
		assert(view_equal(buffer_view(&again), input));
		buffer_done(&again);
		assert(proof_check(&proof, view_text("entry"), &signer.verifier, NULL,
		                   &checkpoint) < 0);
	}
	return 0;
}
