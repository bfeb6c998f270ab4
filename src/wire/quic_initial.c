/* libcrypto's HKDF, HMAC and digest contexts allocate at every use; its plain SHA-256 does not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "wire/quic_initial.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/writer.h"

enum {
	HASH_SIZE = SHA256_DIGEST_LENGTH,
	BLOCK_SIZE = SHA256_CBLOCK,
	LABEL_SIZE_MAX = 64,
	SAMPLE_SIZE = 16,
	SAMPLE_AT = 4, /* from where the packet number begins, however long it is */
	TAG_SIZE = 16,
};

struct quic_opener {
	EVP_CIPHER *gcm, *ecb;
	EVP_CIPHER_CTX *open, *mask;
};

int quic_opener_new(struct quic_opener **ret)
{
	cleanup(quic_opener) struct quic_opener *o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	o->ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	o->open = EVP_CIPHER_CTX_new();
	o->mask = EVP_CIPHER_CTX_new();
	if (!o->gcm || !o->ecb || !o->open || !o->mask)
		return -ENOMEM;
	/* what they need they allocate here, not at the first packet */
	static const uint8_t zeroes[QUIC_KEY_SIZE];
	if (!EVP_DecryptInit_ex(o->open, o->gcm, NULL, zeroes, zeroes) ||
	    !EVP_EncryptInit_ex(o->mask, o->ecb, NULL, zeroes, NULL))
		return -ENOMEM;
	(void)EVP_CIPHER_CTX_set_padding(o->mask, 0);
	ERR_clear_error();
	*ret = take_ptr(o);
	return OK;
}

void quic_opener_free(struct quic_opener *o)
{
	if (!o)
		return;
	EVP_CIPHER_CTX_free(o->mask);
	EVP_CIPHER_CTX_free(o->open);
	EVP_CIPHER_free(o->ecb);
	EVP_CIPHER_free(o->gcm);
	free(o);
}

/* Hashes two parts, the first of one block. */
static void hash_two(const uint8_t first[BLOCK_SIZE], struct view second, uint8_t ret[HASH_SIZE])
{
	SHA256_CTX hash;
	(void)SHA256_Init(&hash);
	(void)SHA256_Update(&hash, first, BLOCK_SIZE);
	(void)SHA256_Update(&hash, second.bytes, second.size);
	(void)SHA256_Final(ret, &hash);
}

/* RFC 2104 */
static void hmac(struct view key, struct view text, uint8_t ret[HASH_SIZE])
{
	uint8_t inner[BLOCK_SIZE], outer[BLOCK_SIZE], digest[HASH_SIZE];
	assert(key.size <= BLOCK_SIZE);
	for (size_t i = 0; i < BLOCK_SIZE; i++) {
		uint8_t byte = i < key.size ? key.bytes[i] : 0;
		inner[i] = byte ^ 0x36;
		outer[i] = byte ^ 0x5c;
	}
	hash_two(inner, text, digest);
	hash_two(outer, view_of(digest, sizeof(digest)), ret);
}

/* HKDF-Expand-Label (RFC 8446 s7.1) without a context, of one block at most. */
static void expand(const uint8_t secret[HASH_SIZE], const char *label, uint8_t *ret, size_t size)
{
	uint8_t info[LABEL_SIZE_MAX], digest[HASH_SIZE];
	struct writer w = writer_open(info, sizeof(info));
	write_u16(&w, (uint16_t)size);
	write_u8(&w, (uint8_t)(strlen("tls13 ") + strlen(label)));
	write_view(&w, view_text("tls13 "));
	write_view(&w, view_text(label));
	write_u8(&w, 0); /* no context */
	write_u8(&w, 1); /* the first block */
	assert(!w.failed && size <= HASH_SIZE);
	hmac(view_of(secret, HASH_SIZE), view_of(info, writer_size(&w)), digest);
	memcpy(ret, digest, size);
}

int quic_keys_derive(uint32_t version, struct view dcid, enum quic_side side, struct quic_keys *ret)
{
	const struct quic_version *v = quic_version_find(version);
	uint8_t initial[HASH_SIZE], secret[HASH_SIZE];
	if (!v)
		return ERR_MALFORMED;
	hmac(view_of(v->salt, QUIC_SALT_SIZE), dcid, initial);
	expand(initial, side == QUIC_CLIENT ? "client in" : "server in", secret, HASH_SIZE);
	expand(secret, v->labels[0], ret->key, sizeof(ret->key));
	expand(secret, v->labels[1], ret->iv, sizeof(ret->iv));
	expand(secret, v->labels[2], ret->header, sizeof(ret->header));
	return OK;
}

uint64_t quic_number_decode(struct quic_number number, uint64_t next)
{
	uint64_t window = UINT64_C(1) << (8 * number.size), half = window / 2;
	uint64_t candidate = (next & ~(window - 1)) | number.value;
	if (candidate + half <= next && candidate + window <= QUIC_VALUE_MAX)
		return candidate + window;
	if (candidate > next + half && candidate >= window)
		return candidate - window;
	return candidate;
}

static int mask_of(struct quic_opener *o, const struct quic_keys *keys, const struct quic_packet *p,
                   uint8_t ret[SAMPLE_SIZE])
{
	int size = 0;
	if (p->type != QUIC_INITIAL || p->bytes.size < p->number_at + SAMPLE_AT + SAMPLE_SIZE)
		return ERR_MALFORMED;
	const uint8_t *sample = p->bytes.bytes + p->number_at + SAMPLE_AT;
	if (!EVP_EncryptInit_ex(o->mask, NULL, NULL, keys->header, NULL) ||
	    !EVP_EncryptUpdate(o->mask, ret, &size, sample, SAMPLE_SIZE) || size != SAMPLE_SIZE)
		return ERR_MALFORMED;
	return OK;
}

int quic_number_read(struct quic_opener *o, const struct quic_keys *keys,
                     const struct quic_packet *p, struct quic_number *ret)
{
	uint8_t mask[SAMPLE_SIZE];
	int code = mask_of(o, keys, p, mask);
	if (code)
		return code;
	struct quic_number number = {.first = p->bytes.bytes[0] ^ (mask[0] & 0x0f)};
	number.size = 1 + (number.first & 3);
	for (size_t i = 0; i < number.size; i++)
		number.value = number.value << 8 | (p->bytes.bytes[p->number_at + i] ^ mask[1 + i]);
	*ret = number;
	return OK;
}

static bool add_header(struct quic_opener *o, const struct quic_packet *p,
                       struct quic_number number)
{
	uint8_t bytes[4];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_uint(&w, number.value, number.size);
	int size;
	return EVP_DecryptUpdate(o->open, NULL, &size, &number.first, 1) &&
	       EVP_DecryptUpdate(o->open, NULL, &size, p->bytes.bytes + 1, (int)p->number_at - 1) &&
	       EVP_DecryptUpdate(o->open, NULL, &size, bytes, number.size);
}

/* Sets the tag that is expected, and finishes. */
static bool is_tag(struct quic_opener *o, const uint8_t *tag)
{
	uint8_t copy[TAG_SIZE], none[TAG_SIZE];
	int size;
	memcpy(copy, tag, sizeof(copy));
	return EVP_CIPHER_CTX_ctrl(o->open, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, copy) &&
	       EVP_DecryptFinal_ex(o->open, none, &size) > 0;
}

int quic_initial_open(struct quic_opener *o, const struct quic_keys *keys,
                      const struct quic_packet *p, struct quic_number number, uint64_t full,
                      uint8_t *room, size_t room_size, struct view *ret_frames)
{
	size_t begin = p->number_at + number.size, end = p->bytes.size - TAG_SIZE;
	if (p->type != QUIC_INITIAL || p->bytes.size < begin + TAG_SIZE)
		return ERR_MALFORMED;
	if (end - begin > room_size)
		return ERR_LIMIT;
	uint8_t nonce[QUIC_IV_SIZE];
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (size_t i = 0; i < 8; i++)
		nonce[QUIC_IV_SIZE - 1 - i] ^= (uint8_t)(full >> (8 * i));
	int size = 0;
	if (!EVP_DecryptInit_ex(o->open, NULL, NULL, keys->key, nonce) ||
	    !add_header(o, p, number) ||
	    !EVP_DecryptUpdate(o->open, room, &size, p->bytes.bytes + begin, (int)(end - begin)) ||
	    !is_tag(o, p->bytes.bytes + end))
		return ERR_SIGNATURE;
	*ret_frames = view_of(room, (size_t)size);
	return OK;
}

bool quic_retry_is_for(struct quic_opener *o, const struct quic_packet *retry, struct view dcid)
{
	const struct quic_version *v = quic_version_find(retry->version);
	if (retry->type != QUIC_RETRY || !v || dcid.size > QUIC_ID_SIZE_MAX)
		return false;
	uint8_t id[1 + QUIC_ID_SIZE_MAX];
	struct writer w = writer_open(id, sizeof(id));
	write_u8(&w, (uint8_t)dcid.size);
	write_view(&w, dcid);
	int size, signed_size = (int)(retry->bytes.size - TAG_SIZE);
	return EVP_DecryptInit_ex(o->open, NULL, NULL, (const uint8_t *)v->retry_key,
	                          (const uint8_t *)v->retry_nonce) &&
	       EVP_DecryptUpdate(o->open, NULL, &size, id, (int)writer_size(&w)) &&
	       EVP_DecryptUpdate(o->open, NULL, &size, retry->bytes.bytes, signed_size) &&
	       is_tag(o, retry->bytes.bytes + signed_size);
}
