#include "recording.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	EXTENSION_ECH = 0xfe0d,
	SESSION_AT = 5 + 4 + 2 + 32, /* record, message, version, random: the number's length */
	SESSION_SIZE = 32,
	REQUEST_SIZE = 400,
};

DEFINE_CLEANUP(ctx, SSL_CTX *, SSL_CTX_free);
DEFINE_CLEANUP(ssl, SSL *, SSL_free);
DEFINE_CLEANUP(key, EVP_PKEY *, EVP_PKEY_free);
DEFINE_CLEANUP(x509, X509 *, X509_free);

struct padding {
	uint8_t bytes[RECORDING_SIZE_MAX];
	size_t size;
};

static int add_padding(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
                       size_t *size, X509 *x, size_t chain, int *alert, void *arg)
{
	(void)ssl, (void)type, (void)context, (void)x, (void)chain, (void)alert;
	const struct padding *p = arg;
	*out = p->bytes;
	*size = p->size;
	return 1;
}

/* Of a kind whose signatures have one length: the two ends record each for itself. */
static int certify(SSL_CTX *ctx)
{
	cleanup(key) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	cleanup(x509) X509 *x = X509_new();
	if (!key || !x)
		return -ENOMEM;
	X509_NAME *name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"bench", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	if (!X509_sign(x, key, NULL) || SSL_CTX_use_certificate(ctx, x) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1)
		return -EPROTO;
	return 0;
}

/* Both ends write into memory that the other reads. */
static SSL *end_new(SSL_CTX *ctx, BIO *in, BIO *out)
{
	SSL *ssl = SSL_new(ctx);
	if (!ssl)
		return NULL;
	BIO_up_ref(in);
	BIO_up_ref(out);
	SSL_set_bio(ssl, in, out);
	return ssl;
}

/* What an end has written goes to the other, and is kept. */
static int pass(BIO *from, BIO *to, struct recording_part *kept)
{
	int n = BIO_read(from, kept->bytes + kept->size, (int)(sizeof(kept->bytes) - kept->size));
	if (n <= 0 || BIO_pending(from))
		return -EMSGSIZE;
	BIO_write(to, kept->bytes + kept->size, n);
	kept->size += (size_t)n;
	return 0;
}

static int play(SSL *client, SSL *server, BIO *up, BIO *up_read, BIO *down, BIO *down_read,
                size_t answer_size, struct recording *ret)
{
	static const uint8_t zeros[RECORDING_SIZE_MAX];
	static uint8_t sink[RECORDING_SIZE_MAX];
	SSL_do_handshake(client);
	if (pass(up, up_read, &ret->hello) < 0)
		return -EPROTO;
	SSL_do_handshake(server);
	if (pass(down, down_read, &ret->flight) < 0 || SSL_do_handshake(client) != 1 ||
	    SSL_write(client, zeros, REQUEST_SIZE) <= 0 || pass(up, up_read, &ret->finish) < 0)
		return -EPROTO;
	if (SSL_do_handshake(server) != 1 || SSL_read(server, sink, sizeof(sink)) <= 0 ||
	    SSL_write(server, zeros, (int)answer_size) <= 0)
		return -EPROTO;
	return pass(down, down_read, &ret->answer);
}

int recording_make(const char *name, size_t padding_size, size_t answer_size, struct recording *ret)
{
	static struct padding padding;
	cleanup(ctx) SSL_CTX *server_ctx = SSL_CTX_new(TLS_server_method());
	cleanup(ctx) SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method());
	if (!server_ctx || !client_ctx || padding_size > sizeof(padding.bytes) ||
	    certify(server_ctx))
		return -ENOMEM;
	padding.size = padding_size;
	if (padding_size && SSL_CTX_add_custom_ext(client_ctx, EXTENSION_ECH, SSL_EXT_CLIENT_HELLO,
	                                           add_padding, NULL, &padding, NULL, NULL) != 1)
		return -EPROTO;
	BIO *up = BIO_new(BIO_s_mem()), *up_read = BIO_new(BIO_s_mem());
	BIO *down = BIO_new(BIO_s_mem()), *down_read = BIO_new(BIO_s_mem());
	cleanup(ssl) SSL *client = end_new(client_ctx, down_read, up);
	cleanup(ssl) SSL *server = end_new(server_ctx, up_read, down);
	int r = client && server ? 0 : -ENOMEM;
	if (r == 0) {
		SSL_set_connect_state(client);
		SSL_set_accept_state(server);
		SSL_set_tlsext_host_name(client, name);
		*ret = (struct recording){0};
		r = play(client, server, up, up_read, down, down_read, answer_size, ret);
	}
	BIO_free(up);
	BIO_free(up_read);
	BIO_free(down);
	BIO_free(down_read);
	return r;
}

void recording_echo(struct recording_part *flight, const uint8_t *hello, size_t size)
{
	if (size > SESSION_AT + SESSION_SIZE && hello[SESSION_AT] == SESSION_SIZE &&
	    flight->bytes[SESSION_AT] == SESSION_SIZE)
		memcpy(flight->bytes + SESSION_AT + 1, hello + SESSION_AT + 1, SESSION_SIZE);
}
