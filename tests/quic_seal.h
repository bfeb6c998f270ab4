/* quic_seal.h - makes Initial packets as an end host does, for tests of who opens them. */
#pragma once

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/writer.h"
#include "wire/quic_initial.h"

struct seal {
	uint32_t version;
	struct view dcid, scid;
	struct view key_dcid; /* whose keys; no bytes pointer: those of dcid */
	enum quic_side side;
	uint64_t number;
	uint8_t number_size;
	struct view frames; /* at least 3 bytes */
};

static inline void seal_check(bool ok)
{
	if (!ok)
		abort();
}

static inline void seal_mask(const uint8_t *key, const uint8_t *sample, uint8_t mask[32])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int size;
	seal_check(c && EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL) &&
	           EVP_EncryptUpdate(c, mask, &size, sample, 16));
	EVP_CIPHER_CTX_free(c);
}

static inline void seal_body(const struct quic_keys *keys, const struct seal *s, struct view head,
                             uint8_t *out)
{
	uint8_t nonce[QUIC_IV_SIZE];
	int size;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (unsigned i = 0; i < 8; i++)
		nonce[QUIC_IV_SIZE - 1 - i] ^= (uint8_t)(s->number >> (8 * i));
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	seal_check(c && EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, keys->key, nonce) &&
	           EVP_EncryptUpdate(c, NULL, &size, head.bytes, (int)head.size) &&
	           EVP_EncryptUpdate(c, out, &size, s->frames.bytes, (int)s->frames.size) &&
	           EVP_EncryptFinal_ex(c, out + s->frames.size, &size) &&
	           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, out + s->frames.size));
	EVP_CIPHER_CTX_free(c);
}

static inline struct view seal_initial(const struct seal *s, uint8_t *room, size_t room_size)
{
	struct writer w = writer_open(room, room_size);
	struct quic_keys keys;
	uint8_t mask[32];
	uint8_t type = s->version == 0x6b3343cf ? 0x10 : 0;
	write_u8(&w, (uint8_t)(0xc0 | type | (s->number_size - 1)));
	write_u32(&w, s->version);
	write_u8(&w, (uint8_t)s->dcid.size);
	write_view(&w, s->dcid);
	write_u8(&w, (uint8_t)s->scid.size);
	write_view(&w, s->scid);
	write_u8(&w, 0); /* no token */
	write_u16(&w, (uint16_t)(0x4000 | (s->number_size + s->frames.size + 16)));
	uint8_t *number = w.at;
	write_uint(&w, s->number & ((UINT64_C(1) << (8 * s->number_size)) - 1), s->number_size);
	struct view head = view_of(room, writer_size(&w));
	uint8_t *body = write_space(&w, s->frames.size + 16);
	seal_check(!w.failed && s->frames.size + s->number_size >= 4);
	seal_check(quic_keys_derive(s->version, s->key_dcid.bytes ? s->key_dcid : s->dcid, s->side,
	                            &keys) == OK);
	seal_body(&keys, s, head, body);
	seal_mask(keys.header, number + 4, mask);
	room[0] ^= mask[0] & 0x0f;
	for (unsigned i = 0; i < s->number_size; i++)
		number[i] ^= mask[1 + i];
	return view_of(room, writer_size(&w));
}

/* A CRYPTO frame, and padding up to 3 bytes. */
static inline void seal_crypto(struct writer *w, uint32_t offset, struct view data)
{
	write_u8(w, 6);
	write_u32(w, 0x80000000 | offset);
	write_u16(w, (uint16_t)(0x4000 | data.size));
	write_view(w, data);
}
