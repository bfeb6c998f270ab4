#include "record/note.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "base/utf8.h"
#include "record/base64.h"

enum { ID_SIZE = 4, SIGNATURE_BYTES_MAX = 8192 };

static const char dash[] = "\xe2\x80\x94 "; /* em dash, space */
static const char private_prefix[] = "PRIVATE+KEY+";

/* White_Space of Unicode beyond ASCII, as their UTF-8 begins */
static bool is_unicode_space(struct view c)
{
	static const struct {
		uint32_t first, last;
	} spaces[] = {{0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
	              {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
	if (c.size == 1)
		return view_is_space(c.bytes[0]);
	uint32_t point = c.bytes[0] & (0xffu >> (c.size + 1));
	for (size_t i = 1; i < c.size; i++)
		point = point << 6 | (c.bytes[i] & 0x3f);
	for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++) {
		if (point >= spaces[i].first && point <= spaces[i].last)
			return true;
	}
	return false;
}

bool note_name_is_valid(struct view name)
{
	if (name.size == 0 || name.size >= NOTE_NAME_SIZE)
		return false;
	while (name.size) {
		size_t size = utf8_size(name);
		if (size == 0 || name.bytes[0] == '+' || name.bytes[0] < 0x20 ||
		    is_unicode_space(view_of(name.bytes, size)))
			return false;
		name = view_skip(name, size);
	}
	return true;
}

static uint32_t read_id(const uint8_t bytes[static ID_SIZE])
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void write_id(uint8_t bytes[static ID_SIZE], uint32_t id)
{
	for (unsigned i = 0; i < ID_SIZE; i++)
		bytes[i] = (uint8_t)(id >> (24 - 8 * i));
}

static int parse_signature(struct view line, struct note_signature *ret)
{
	uint8_t bytes[SIGNATURE_BYTES_MAX];
	if (!view_starts_with(line, view_text(dash)))
		return ERR_MALFORMED;
	struct view rest = view_skip(line, strlen(dash));
	struct view name = view_split(&rest, ' ');
	if (!note_name_is_valid(name))
		return ERR_MALFORMED;
	if (rest.size > SIGNATURE_BYTES_MAX)
		return ERR_LIMIT;
	ssize_t size = base64_read(rest, bytes, sizeof(bytes));
	if (size <= ID_SIZE)
		return ERR_MALFORMED;
	*ret = (struct note_signature){.name = name, .id = read_id(bytes), .base64 = rest};
	return OK;
}

static bool text_is_clean(struct view v)
{
	for (size_t i = 0; i < v.size; i++) {
		if (v.bytes[i] < 0x20 && v.bytes[i] != '\n')
			return false;
	}
	return utf8_is_valid(v);
}

int note_parse(struct view bytes, struct note *ret)
{
	if (bytes.size > NOTE_SIZE_MAX)
		return ERR_LIMIT;
	if (bytes.size < 3 || bytes.bytes[bytes.size - 1] != '\n' || !text_is_clean(bytes))
		return ERR_MALFORMED;
	const uint8_t *blank = memrchr(bytes.bytes, '\n', bytes.size - 1);
	while (blank && blank > bytes.bytes && blank[-1] != '\n')
		blank = memrchr(bytes.bytes, '\n', (size_t)(blank - bytes.bytes));
	if (!blank || blank == bytes.bytes)
		return ERR_MALFORMED;
	struct note note = {.text = view_of(bytes.bytes, (size_t)(blank - bytes.bytes))};
	struct view rest = view_skip(bytes, note.text.size + 1);
	rest.size--; /* so that the last line ends like the others */
	while (rest.bytes) {
		if (note.count == NOTE_SIGNATURES_MAX)
			return ERR_LIMIT;
		struct view line = view_split(&rest, '\n');
		int err = parse_signature(line, &note.signatures[note.count]);
		if (err < 0)
			return err;
		note.count++;
	}
	if (note.count == 0)
		return ERR_MALFORMED;
	*ret = note;
	return OK;
}

int note_verify(const struct note *note, const struct note_verifier *verifier)
{
	uint8_t bytes[SIGNATURE_BYTES_MAX];
	bool found = false;
	for (size_t i = 0; i < note->count; i++) {
		const struct note_signature *s = &note->signatures[i];
		if (s->id != verifier->id || !view_is(s->name, verifier->name))
			continue;
		ssize_t size = base64_read(s->base64, bytes, sizeof(bytes));
		if (size != ID_SIZE + NOTE_SIGNATURE_SIZE ||
		    crypto_sign_ed25519_verify_detached(bytes + ID_SIZE, note->text.bytes,
		                                        note->text.size, verifier->key) != 0)
			return ERR_SIGNATURE;
		found = true;
	}
	return found ? OK : ERR_SIGNATURE;
}

int note_sign(struct view text, const struct note_signer *signer, struct buffer *out)
{
	uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES];
	uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES];
	uint8_t bytes[ID_SIZE + NOTE_SIGNATURE_SIZE];
	char base64[sodium_base64_ENCODED_LEN(sizeof(bytes), sodium_base64_VARIANT_ORIGINAL)];
	if (text.size == 0 || text.bytes[text.size - 1] != '\n' || !text_is_clean(text))
		return ERR_MALFORMED;
	crypto_sign_ed25519_seed_keypair(public_key, secret_key, signer->seed);
	write_id(bytes, signer->verifier.id);
	crypto_sign_ed25519_detached(bytes + ID_SIZE, NULL, text.bytes, text.size, secret_key);
	sodium_memzero(secret_key, sizeof(secret_key));
	sodium_bin2base64(base64, sizeof(base64), bytes, sizeof(bytes),
	                  sodium_base64_VARIANT_ORIGINAL);
	buffer_add_view(out, text);
	buffer_printf(out, "\n%s%s %s\n", dash, signer->verifier.name, base64);
	return out->failed ? -ENOMEM : OK;
}

uint32_t note_key_id(struct view name, const uint8_t key[static NOTE_KEY_SIZE])
{
	static const uint8_t between[] = {'\n', NOTE_ED25519};
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, name.bytes, name.size);
	crypto_hash_sha256_update(&state, between, sizeof(between));
	crypto_hash_sha256_update(&state, key, NOTE_KEY_SIZE);
	crypto_hash_sha256_final(&state, hash);
	return read_id(hash);
}

/* The common form of both keys: name, eight hex digits, base64 of the type byte and 32 bytes. */
static int parse_key(struct view text, char name[static NOTE_NAME_SIZE], uint32_t *ret_id,
                     uint8_t key[static NOTE_KEY_SIZE])
{
	uint8_t id[ID_SIZE], bytes[1 + NOTE_KEY_SIZE];
	size_t id_size = 0;
	struct view own = view_split(&text, '+');
	struct view hex = view_split(&text, '+');
	if (!note_name_is_valid(own) || hex.size != 8)
		return ERR_MALFORMED;
	for (size_t i = 0; i < hex.size; i++) {
		if (hex.bytes[i] >= 'A' && hex.bytes[i] <= 'F')
			return ERR_MALFORMED;
	}
	if (sodium_hex2bin(id, sizeof(id), (const char *)hex.bytes, hex.size, NULL, &id_size,
	                   NULL) != 0 ||
	    id_size != sizeof(id))
		return ERR_MALFORMED;
	if (base64_read(text, bytes, sizeof(bytes)) != sizeof(bytes) || bytes[0] != NOTE_ED25519)
		return ERR_MALFORMED;
	memcpy(name, own.bytes, own.size);
	name[own.size] = '\0';
	memcpy(key, bytes + 1, NOTE_KEY_SIZE);
	*ret_id = read_id(id);
	sodium_memzero(bytes, sizeof(bytes));
	return OK;
}

static const char *print_key(const char *prefix, const struct note_verifier *v, const uint8_t *key,
                             char text[static NOTE_KEY_TEXT_SIZE])
{
	uint8_t bytes[1 + NOTE_KEY_SIZE] = {NOTE_ED25519};
	char base64[sodium_base64_ENCODED_LEN(sizeof(bytes), sodium_base64_VARIANT_ORIGINAL)];
	memcpy(bytes + 1, key, NOTE_KEY_SIZE);
	sodium_bin2base64(base64, sizeof(base64), bytes, sizeof(bytes),
	                  sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(text, NOTE_KEY_TEXT_SIZE, "%s%s+%08x+%s", prefix, v->name, v->id, base64);
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(base64, sizeof(base64));
	return text;
}

int note_verifier_parse(struct view text, struct note_verifier *ret)
{
	struct note_verifier v = {0};
	int err = parse_key(view_trim(text), v.name, &v.id, v.key);
	if (err == OK && v.id != note_key_id(view_text(v.name), v.key))
		err = ERR_MALFORMED;
	if (err == OK)
		*ret = v;
	return err;
}

const char *note_verifier_print(const struct note_verifier *verifier,
                                char text[static NOTE_KEY_TEXT_SIZE])
{
	return print_key("", verifier, verifier->key, text);
}

int note_signer_parse(struct view text, struct note_signer *ret)
{
	char name[NOTE_NAME_SIZE];
	uint8_t seed[NOTE_SEED_SIZE];
	uint32_t id;
	struct note_signer signer;
	text = view_trim(text);
	if (!view_starts_with(text, view_text(private_prefix)))
		return ERR_MALFORMED;
	int err = parse_key(view_skip(text, strlen(private_prefix)), name, &id, seed);
	if (err == OK)
		err = note_signer_init(&signer, view_text(name), seed);
	sodium_memzero(seed, sizeof(seed));
	if (err == OK && signer.verifier.id != id)
		err = ERR_MALFORMED;
	if (err == OK)
		*ret = signer;
	return err;
}

const char *note_signer_print(const struct note_signer *signer,
                              char text[static NOTE_KEY_TEXT_SIZE])
{
	return print_key(private_prefix, &signer->verifier, signer->seed, text);
}

int note_signer_init(struct note_signer *signer, struct view name,
                     const uint8_t seed[static NOTE_SEED_SIZE])
{
	uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES];
	if (!note_name_is_valid(name))
		return ERR_MALFORMED;
	*signer = (struct note_signer){0};
	memcpy(signer->verifier.name, name.bytes, name.size);
	memcpy(signer->seed, seed, NOTE_SEED_SIZE);
	crypto_sign_ed25519_seed_keypair(signer->verifier.key, secret_key, seed);
	sodium_memzero(secret_key, sizeof(secret_key));
	signer->verifier.id = note_key_id(name, signer->verifier.key);
	return OK;
}

void note_signer_done(struct note_signer *signer)
{
	sodium_memzero(signer, sizeof(*signer));
}
