#include "net/tls_ticket_key.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "base/clock.h"

/* What OpenSSL expects of the callback. */
enum { TICKET_FAILED = -1, TICKET_UNKNOWN = 0, TICKET_GOOD = 1, TICKET_RENEW = 2 };

static bool set_up_mac(EVP_MAC_CTX *mac, const struct tls_ticket_key *key)
{
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac,
	                                          sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
		OSSL_PARAM_construct_end(),
	};
	return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

static int seal(struct tls_tickets *t, unsigned char *name, unsigned char *iv,
                EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct tls_ticket_key *key = tls_tickets_current(t, clock_monotonic_us());
	memcpy(name, key->name, sizeof(key->name));
	bool done = RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
	            EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) == 1 &&
	            set_up_mac(mac, key);
	return done ? TICKET_GOOD : TICKET_FAILED;
}

/* A ticket of TLS 1.3 is for one connection (RFC 8446 appendix C.4), so each brings the next. */
static bool is_spent(const SSL *ssl)
{
	return SSL_version(ssl) >= TLS1_3_VERSION;
}

static int unseal(struct tls_tickets *t, const SSL *ssl, const unsigned char *name,
                  const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct tls_ticket_key *key = tls_tickets_find(t, name, clock_monotonic_us());
	if (!key)
		return TICKET_UNKNOWN;
	if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) != 1 ||
	    !set_up_mac(mac, key))
		return TICKET_FAILED;
	return key == &t->current && !is_spent(ssl) ? TICKET_GOOD : TICKET_RENEW;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int seals)
{
	struct tls_tickets *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	return seals ? seal(t, name, iv, cipher, mac) : unseal(t, ssl, name, iv, cipher, mac);
}

bool tls_ticket_key_use(SSL_CTX *c, struct tls_tickets *tickets)
{
	return SSL_CTX_set_app_data(c, tickets) == 1 &&
	       SSL_CTX_set_tlsext_ticket_key_evp_cb(c, on_ticket) == 1;
}
