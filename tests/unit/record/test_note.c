#include <sodium.h>

#include "record/checkpoint.h"
#include "record/note.h"
#include "record/tiles.h"
#include "tests/test.h"

/* the examples of c2sp.org/signed-note and of golang.org/x/mod/sumdb/note */
static const char vkey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char signed_text[] =
	"This is an example message.\n\n\xe2\x80\x94 example.com/foo "
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
static const char go_skey[] =
	"PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char go_vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char go_text[] = "If you think cryptography is the answer to your problem,\n"
			      "then you don't know what your problem is.\n";
static const char go_signature[] =
	"\n\xe2\x80\x94 PeterNeumann "
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static int start(void **state)
{
	(void)state;
	return sodium_init() < 0 ? -1 : 0;
}

static void the_example_of_the_specification_holds(void **state)
{
	(void)state;
	struct note_verifier verifier;
	struct note note;
	char text[NOTE_KEY_TEXT_SIZE];
	assert_int_equal(note_verifier_parse(view_text(vkey), &verifier), OK);
	assert_string_equal(note_verifier_print(&verifier, text), vkey);
	assert_int_equal(note_parse(view_text(signed_text), &note), OK);
	assert_true(view_is(note.text, "This is an example message.\n"));
	assert_int_equal(note_verify(&note, &verifier), OK);
}

static void signs_as_the_go_package_does(void **state)
{
	(void)state;
	struct note_signer signer;
	struct buffer out = {0}, want = {0};
	char text[NOTE_KEY_TEXT_SIZE];
	assert_int_equal(note_signer_parse(view_text(go_skey), &signer), OK);
	assert_string_equal(note_signer_print(&signer, text), go_skey);
	assert_string_equal(note_verifier_print(&signer.verifier, text), go_vkey);
	assert_int_equal(note_sign(view_text(go_text), &signer, &out), OK);
	buffer_add_text(&want, go_text);
	buffer_add_text(&want, go_signature);
	assert_true(view_equal(buffer_view(&out), buffer_view(&want)));
	buffer_done(&out);
	buffer_done(&want);
	note_signer_done(&signer);
}

static void no_flipped_bit_passes(void **state)
{
	(void)state;
	struct note_verifier verifier;
	struct note note;
	uint8_t bytes[sizeof(signed_text)];
	assert_int_equal(note_verifier_parse(view_text(vkey), &verifier), OK);
	for (size_t i = 0; i < 8 * (sizeof(signed_text) - 1); i++) {
		memcpy(bytes, signed_text, sizeof(bytes));
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (note_parse(view_of(bytes, sizeof(bytes) - 1), &note) == OK)
			assert_int_equal(note_verify(&note, &verifier), ERR_SIGNATURE);
	}
}

static void refuses_what_is_no_note(void **state)
{
	(void)state;
	static const char *const bad[] = {"",
	                                  "\n",
	                                  "\n\n",
	                                  "text\n",
	                                  "text\n\n",
	                                  "text\n\nno dash\n",
	                                  "text\n\n\xe2\x80\x94 name \n",
	                                  "text\n\n\xe2\x80\x94 na+me AAAAAAA=\n",
	                                  "text\n\n\xe2\x80\x94 name AAAAAAA\n",
	                                  "te\rxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
	                                  "text\n\n\xe2\x80\x94 name AAAAAAA=",
	                                  "te\xff\n\n\xe2\x80\x94 name AAAAAAA=\n",
	                                  "text\n\n\xe2\x80\x94 na\xc2\xa0me AAAAAAA=\n",
	                                  "text\n\xe2\x80\x94 name AAAAAAA=\n"};
	struct note note;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(note_parse(view_text(bad[i]), &note), ERR_MALFORMED);
}

static void refuses_keys_that_are_not_exactly_right(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"name",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2"};
	struct note_verifier verifier;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(note_verifier_parse(view_text(bad[i]), &verifier), ERR_MALFORMED);
}

static void checkpoints_print_as_they_parse(void **state)
{
	(void)state;
	static const char *const good[] = {
		"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\nanother one\n"};
	static const char *const bad[] = {
		"",
		"\n",
		"o\n5\n",
		"\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		"o\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		"o\n-5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		"o\n18446744073709551616\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		"o\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
		"o\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"o\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"};
	struct checkpoint checkpoint;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct buffer out = {0};
		assert_int_equal(checkpoint_parse(view_text(good[i]), &checkpoint), OK);
		checkpoint_print(&checkpoint, &out);
		assert_true(view_is(buffer_view(&out), good[i]));
		buffer_done(&out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(checkpoint_parse(view_text(bad[i]), &checkpoint), ERR_MALFORMED);
}

static void tile_names_print_as_they_parse(void **state)
{
	(void)state;
	static const char *const good[] = {"tile/0/000", "tile/0/x001/067",
	                                   "tile/63/x001/x234/067.p/255", "tile/entries/999.p/1",
	                                   "tile/0/x018/x446/x744/x073/x709/x551/615"};
	static const char *const bad[] = {"",
	                                  "tile",
	                                  "tile/0",
	                                  "tile/0/",
	                                  "tile/00/000",
	                                  "tile/64/000",
	                                  "tile/0/00",
	                                  "tile/0/x000/001",
	                                  "tile/0/001/067",
	                                  "tile/0/x001/x067",
	                                  "tile/0/000.p/0",
	                                  "tile/0/000.p/256",
	                                  "tile/0/000.p/01",
	                                  "tile/0/000.p",
	                                  "tile/0/000/",
	                                  "tile/0/000.q/1",
	                                  "tile/0/x018/x446/x744/x073/x709/x551/616",
	                                  "tile/entry/000",
	                                  "tile/0/000.p/1/",
	                                  "tile//000"};
	struct tile_name name;
	char text[TILE_NAME_SIZE];
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(tile_name_parse(view_text(good[i]), &name), OK);
		assert_string_equal(tile_name_print(&name, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(tile_name_parse(view_text(bad[i]), &name), ERR_MALFORMED);
	/* the example of tlog-tiles */
	assert_int_equal(tile_width_at(0, 272, 70000), 256);
	assert_int_equal(tile_width_at(0, 273, 70000), 112);
	assert_int_equal(tile_width_at(0, 274, 70000), 0);
	assert_int_equal(tile_width_at(1, 1, 70000), 17);
	assert_int_equal(tile_width_at(2, 0, 70000), 1);
	assert_int_equal(tile_width_at(TILE_ENTRIES, 273, 70000), 112);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_specification_holds),
		cmocka_unit_test(signs_as_the_go_package_does),
		cmocka_unit_test(no_flipped_bit_passes),
		cmocka_unit_test(refuses_what_is_no_note),
		cmocka_unit_test(refuses_keys_that_are_not_exactly_right),
		cmocka_unit_test(checkpoints_print_as_they_parse),
		cmocka_unit_test(tile_names_print_as_they_parse),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
